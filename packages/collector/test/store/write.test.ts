import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import type { ErrorEvent } from '@faultline/protocol'
import t from 'tap'
import { compareReleases } from '../../src/store/compare-releases.js'
import { afterEvent, isRegression, newIssueState, type Sighting } from '../../src/store/issue-state.js'
import { hashText } from '../../src/store/sqlite/hash-text.js'
import { createStore, MIGRATIONS } from '../../src/store/sqlite/migrations.js'
import { openStoreWriter } from '../../src/store/sqlite/open-store.js'
import { compress, decodePayload, dictionaryOf, payloadText } from '../../src/store/sqlite/payload-codec.js'
import { openStoreReader } from '../../src/store/sqlite/read/open-store-reader.js'
import { upgradeStore } from '../../src/store/sqlite/upgrade-store.js'
import { eventWords, issueWords, keyWord, wordsOf } from '../../src/store/sqlite/words.js'
import { SqliteStoreWriter } from '../../src/store/sqlite/write/sqlite-store-writer.js'
import { addToSketch, emptySketch, estimateSketch } from '../../src/store/sqlite/write/user-sketch.js'
import { storeContract } from './contract.js'
import { aBody, anEvent, eventId, NOON, prepared } from './digested.js'

storeContract(t, 'the SQLite store', (folder) => {
  const file = join(folder, 'store.db')
  return { writer: openStoreWriter(file), reader: openStoreReader(file) }
})

t.test('opening a store', async (t) => {
  const next = { sql: 'ALTER TABLE projects ADD COLUMN colour TEXT; UPDATE projects SET colour = name;' }

  t.test('brings a database of the version before to the newest, and loses nothing', async (t) => {
    const file = join(t.testdir(), 'store.db')
    const before = openStoreWriter(file)
    before.createProject({ name: 'Shop' }, NOON)
    before.save([aBody(3, { events: [prepared(anEvent(1))] })])
    before.close()
    const messages: string[] = []
    const options = {
      migrations: [...MIGRATIONS, next],
      onProgress: (message: string) => messages.push(message),
    }
    const newest = MIGRATIONS.length
    t.throws(() => openStoreWriter(file, options), {
      name: 'StoreUnusable',
      message: /start the collector, which/,
    })
    upgradeStore(file, options)
    const after = openStoreWriter(file, options)
    t.equal(after.position(), 3)
    after.close()
    t.same(messages, [
      `The store is brought from version ${newest} to ${newest + 1}.`,
      `The store is of version ${newest + 1} now.`,
    ])
    upgradeStore(file, options)
    t.equal(messages.length, 2, 'only once')
    const database = new DatabaseSync(file)
    t.equal(database.prepare('SELECT colour FROM projects').get()?.colour, 'Shop')
    database.close()
    t.throws(() => openStoreWriter(file), { name: 'StoreUnusable', message: /version \d .* newer collector/ })
  })

  t.test('leaves the version before when a migration fails', async (t) => {
    const file = join(t.testdir(), 'store.db')
    openStoreWriter(file).close()
    const broken = { sql: `${next.sql} SELECT nonsense;` }
    t.throws(() => upgradeStore(file, { migrations: [...MIGRATIONS, broken] }))
    const again = openStoreWriter(file)
    t.equal(again.position(), 0)
    again.close()
  })

  t.test('says what is wrong and the way out', async (t) => {
    const folder = t.testdir({ 'text.db': 'no database at all, but a text '.repeat(100), file: '' })
    const foreign = join(folder, 'foreign.db')
    const database = new DatabaseSync(foreign)
    database.exec('CREATE TABLE theirs (a)')
    database.close()
    const refuses = (file: string, message: RegExp) =>
      t.throws(() => openStoreWriter(file), { name: 'StoreUnusable', message })
    refuses(join(folder, 'text.db'), /is no database: .*backup/)
    refuses(foreign, /another program: name another folder/)
    refuses(join(folder, 'missing', 'store.db'), /its folder has to exist/)
    mkdirSync(join(folder, 'folder.db'))
    refuses(join(folder, 'folder.db'), /cannot be opened/)
  })
})

t.test('a writer', async (t) => {
  t.test('throws when the disk is full, writes nothing, and goes on when there is room', async (t) => {
    const database = new DatabaseSync(join(t.testdir(), 'store.db'))
    createStore(database, MIGRATIONS)
    const writer = new SqliteStoreWriter(database)
    t.teardown(() => writer.close())
    writer.save([aBody(1, { events: [prepared(anEvent(1))] })])
    const large = Array.from({ length: 50 }, (_, index) =>
      prepared(anEvent(100 + index, { extra: { noise: noise(index, 5000) } }), { group: `group ${index}` }),
    )
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {}
    database.exec(`PRAGMA max_page_count = ${Number(pages) + 5}`)
    t.throws(() => writer.save([aBody(2, { events: large })]), /full/)
    t.equal(writer.position(), 1)
    database.exec('PRAGMA max_page_count = 1000000')
    t.equal(writer.save([aBody(2, { events: large })]).changes.length, 50)
    t.equal(writer.position(), 2)
  })

  t.test('notices what another connection has written', async (t) => {
    const file = join(t.testdir(), 'store.db')
    const [digest, person] = [openStoreWriter(file), openStoreWriter(file)]
    t.teardown(() => {
      digest.close()
      person.close()
    })
    const [change] = digest.save([aBody(1, { events: [prepared(anEvent(1))] })]).changes
    person.updateIssue(change?.issueId ?? 0, { status: 'resolved', severity: 'low' }, NOON - 1)
    const [next] = digest.save([aBody(2, { events: [prepared(anEvent(2))] })]).changes
    t.match(next, { isNew: false, isRegression: true })
  })

  t.test('stores equal frames once', async (t) => {
    const folder = t.testdir()
    const writer = openStoreWriter(join(folder, 'store.db'))
    writer.save([aBody(1, { events: [1, 2, 3].map((id) => prepared(anEvent(id), { group: `${id}` })) })])
    writer.close()
    const again = openStoreWriter(join(folder, 'store.db'))
    again.save([aBody(2, { events: [prepared(anEvent(4))] })])
    again.close()
    const database = new DatabaseSync(join(folder, 'store.db'))
    t.equal(database.prepare('SELECT count(*) AS count FROM stacks').get()?.count, 1)
    database.close()
  })

  t.test('tells frames apart that differ in one member only', async (t) => {
    const file = join(t.testdir(), 'store.db')
    const writer = openStoreWriter(file)
    const reader = openStoreReader(file)
    t.teardown(() => {
      reader.close()
      writer.close()
    })
    const frame = { function: 'pay', file: 'a.ts', line: 1, column: 2, module: 'm', inApp: true }
    const context = { before: [], line: 'pay()', after: [] }
    const others = [
      { function: 'pax' },
      { file: 'b.ts' },
      { line: 2 },
      { column: 3 },
      { module: undefined },
      { inApp: false },
      { context },
      { context: { ...context, line: 'pay(1)' } },
      { ofTheClient: 1 },
      { ofTheClient: 2 },
    ]
    const events = [{}, ...others, {}].map((part, number) => {
      const frames = [JSON.parse(JSON.stringify({ ...frame, ...part }))]
      return anEvent(number + 1, { exceptions: [{ type: 'E', message: 'lost', frames }] })
    })
    writer.save([aBody(1, { events: events.map((event) => prepared(event)) })])
    for (const event of events) t.same(reader.event(event.id)?.event, event)
  })

  t.test('forgets batches after 30 days', async (t) => {
    const file = join(t.testdir(), 'store.db')
    const writer = openStoreWriter(file)
    const dropped = [{ reason: 'overflow', count: 1 }]
    const batch = (number: number, receivedAt: number) =>
      aBody(number, { batchId: eventId(number), dropped, receivedAt })
    writer.save(Array.from({ length: 20 }, (_, index) => batch(index + 1, NOON)))
    const later = NOON + 31 * 86_400_000
    writer.save(Array.from({ length: 10 }, (_, index) => batch(index + 21, later)))
    writer.close()
    const database = new DatabaseSync(file)
    t.equal(database.prepare('SELECT count(*) AS count FROM batches').get()?.count, 10)
    database.close()
  })
})

t.test('frames with members of their own are not taken for those without', async (t) => {
  const file = join(t.testdir(), 'store.db')
  const writer = openStoreWriter(file)
  const reader = openStoreReader(file)
  const frame = { function: 'pay', file: 'src/pay.ts', line: 3, inApp: true }
  const eventWith = (number: number, more: object) =>
    anEvent(number, { exceptions: [{ type: 'E', message: '', frames: [{ ...frame, ...more }] }] })
  const events = [eventWith(1, {}), eventWith(2, { vars: { basket: 7 } }), eventWith(3, {})]
  writer.save([aBody(1, { events: events.map((event) => prepared(event)) })])
  for (const event of events) t.same(reader.event(event.id)?.event.exceptions, event.exceptions)
  reader.close()
  writer.close()
})

t.test('another process writes in between, however busy the store is', async (t) => {
  const file = join(t.testdir(), 'store.db')
  openStoreWriter(file).close()
  const busy = new Worker(new URL('../worker-programs/busy-writer.js', import.meta.url), {
    workerData: { file },
  })
  t.teardown(() => busy.terminate())
  await once(busy, 'message')
  const writer = openStoreWriter(file)
  for (let number = 1; number <= 5; number++) {
    const token = { name: `token ${number}`, role: 'viewer', hash: Buffer.alloc(32, number) } as const
    t.equal(writer.createToken(token, NOON).id, number)
  }
  writer.close()
})

t.test('a payload', async (t) => {
  t.test('is read with the dictionary of its issue, however large its first event was', async (t) => {
    const framesOf = () => []
    for (const size of [0, 100, 40_000, 300_000]) {
      const event = anEvent(1, { exceptions: [], extra: { noise: noise(size, size), word: 'shared words' } })
      const text = payloadText({ event, scrubbed: ['a'] }, () => 1)
      const dictionary = dictionaryOf(text)
      t.ok(dictionary.length <= 32_768)
      const payload = compress(text, dictionary)
      if (size <= 100) t.ok(payload.length < 30, 'what the first event had costs nothing')
      t.same(decodePayload(1, payload, { dictionary, eventId: event.id, framesOf }), {
        event,
        scrubbed: ['a'],
      })
    }
    t.throws(
      () => decodePayload(9, Buffer.alloc(0), { dictionary: Buffer.alloc(0), eventId: '', framesOf }),
      /codec 9/,
    )
  })
})

t.test('words', async (t) => {
  t.test('are folded, and split where FTS5 does', async (t) => {
    t.same(wordsOf('Order #12-AB: "Größe" cafe\u0301s 订单 \ud800'), [
      'order',
      '12',
      'ab',
      'größe',
      'caf\u00e9s',
      '订单',
    ])
    t.same(wordsOf('a'.repeat(1_000_000)), ['a'.repeat(64)])
  })

  t.test('of an event are those that its issue does not say', async (t) => {
    const event = (message: string, parts?: Partial<ErrorEvent>) =>
      prepared(anEvent(1, { exceptions: [{ type: 'E', message, frames: [] }], ...parts }))
    const ofIssue = issueWords(event('order 7 is lost', { tags: { region: 'eu' } }))
    t.ok(['order', 'eu', '7', 'e'].every((word) => ofIssue.has(word)))
    const user = { id: 'U1', email: 'ann@example.com' }
    const words = eventWords(event('order 8 is lost', { tags: { region: 'us' }, user }), ofIssue)
    t.same([...words], ['8', 'us', keyWord('user', 'u1'), keyWord('user', 'Ann@Example.com')])
  })

  t.test('are so many and no more', async (t) => {
    const message = Array.from({ length: 5000 }, (_, index) => `w${index}`).join(' ')
    const event = prepared(anEvent(1, { message, user: { id: '1' } }), { message })
    t.equal(issueWords(event).size, 256)
    t.equal(eventWords(event, new Set()).size, 65)
  })

  t.test('of keys are one plain word each', async (t) => {
    const word = keyWord('url', 'https://example.com/a?b')
    t.match(word, /^l[0-9a-z]{8}$/)
    t.not(word, keyWord('trace', 'https://example.com/a?b'))
  })
})

t.test('a sketch counts any number of users within 5 %', async (t) => {
  const sketch = emptySketch()
  let added = 0
  for (const count of [100, 1000, 5000, 10_000, 12_000, 20_000, 50_000, 300_000]) {
    for (; added < count; added++) addToSketch(sketch, hashText(`user${added}@example.com`))
    const estimate = estimateSketch(sketch)
    t.ok(Math.abs(estimate / count - 1) < 0.05, `${count} are estimated at ${estimate}`)
  }
  t.notOk(addToSketch(sketch, hashText('user1@example.com')))
})

t.test('releases are ordered by their names where those tell it', async (t) => {
  const ascending = [
    ['1.2.3', '1.2.4'],
    ['1.9.0', '1.10.0'],
    ['v1.9', '1.9.1'],
    ['shop@1.9.0', 'shop@1.10.0'],
    ['@acme/shop@1.0.0', '@acme/shop@2.0.0'],
    ['1.0.0-alpha', '1.0.0-alpha.1'],
    ['1.0.0-alpha.1', '1.0.0-alpha.beta'],
    ['1.0.0-rc.2', '1.0.0-rc.11'],
    ['1.0.0-rc.1', '1.0.0'],
    ['2026.9.30', '2026.11.2'],
    ['2026-09-30', '2026-11-02'],
    ['2026-11-02-1', '2026-11-02-10'],
    ['99', '100'],
  ] as const
  for (const [older, newer] of ascending) {
    t.ok((compareReleases(older, newer) ?? 0) < 0, `${older} is older than ${newer}`)
    t.ok((compareReleases(newer, older) ?? 0) > 0, `${newer} is newer than ${older}`)
  }
  t.equal(compareReleases('1.0.0+a', '1.0.0+b'), 0)
  t.equal(compareReleases('1.0', '1.0.0'), 0)
  for (const [one, other] of [
    ['a1b2c3d', '1.0.0'],
    ['shop@1.0.0', 'search@2.0.0'],
    ['main', 'next'],
    ['1.0.0', '2026-11-02'],
    ['7', '1.0.0'],
    ['7', '2026-11-02'],
    ['1234567', '7654321'],
    ['20261102', '20261103'],
    ['99', '1234567'],
    ['', '1'],
  ]) {
    t.equal(compareReleases(one ?? '', other ?? ''), undefined)
  }
})

t.test('releases without an order are compared by when they were first seen', async (t) => {
  const sighting = (release?: string): Sighting => ({
    eventId: eventId(1),
    at: 1000,
    severity: 'low',
    level: 'error',
    service: 's',
    environment: 'e',
    release,
  })
  const resolved = {
    ...newIssueState(sighting()),
    status: 'resolved' as const,
    resolvedAt: 500,
    resolvedInRelease: 'fix',
  }
  const seen: Record<string, number> = { old: 100, new: 600 }
  const regresses = (release?: string) => isRegression(resolved, sighting(release), (name) => seen[name])
  t.same(['old', 'new', 'fix', 'unknown', undefined].map(regresses), [false, true, true, true, true])
  seen.fix = 700
  t.same(['old', 'new', 'fix'].map(regresses), [false, false, true])
  const reopened = afterEvent(resolved, { ...sighting('unknown'), severity: 'high' }, (name) => seen[name])
  t.match(reopened, {
    status: 'unresolved',
    regressedAt: 1000,
    resolvedAt: null,
    severity: 'high',
    eventCount: 1,
  })
})

/** Text that hardly compresses, the same each time. */
function noise(seed: number, length: number): string {
  let text = ''
  for (let number = 0; text.length < length; number++) text += hashText(`${seed} ${number}`).toString(36)
  return text.slice(0, length)
}
