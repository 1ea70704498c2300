import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openStoreWriter } from '../../src/store/sqlite/open-store.js'
import { openStoreReader } from '../../src/store/sqlite/read/open-store-reader.js'
import { BadRequestToStore, ISSUE_SORTS, type IssueFilter } from '../../src/store/store.js'
import { filter, openStore } from './opened-store.js'
import { body, idOf, NOW, prepared, type SampleEvent } from './sample-body.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

t.test('a reader sees what the writer has committed, and nothing else', async (t) => {
  const { reader, save, writer } = openStore(t)
  t.equal(reader.position(), 0)
  t.same(reader.issues(filter()), { items: [], nextCursor: null })
  save({ a: {} })
  t.equal(reader.position(), 1)
  t.equal(reader.issues(filter()).items.length, 1)
  const [{ projectId, publicKey } = { projectId: 0, publicKey: '' }] = reader.keys()
  t.equal(projectId, 1)
  writer.revokeKey(publicKey, NOW)
  t.equal(reader.keys()[0]?.revokedAt, NOW)
  t.match(reader.projects(), [{ id: 1, name: 'Shop', slug: 'shop', keys: [{ publicKey, revokedAt: NOW }] }])
})

t.test('a token is found by its hash until it is revoked', async (t) => {
  const { reader, writer } = openStore(t)
  const hash = new Uint8Array(32).fill(7)
  const token = writer.createToken({ name: 'ci', role: 'viewer', hash }, NOW)
  t.same(reader.findToken(hash), { kind: 'token', id: token.id, name: 'ci', role: 'viewer' })
  t.same(reader.tokens(), [token])
  writer.revokeToken(token.id, NOW + 1)
  t.equal(reader.findToken(hash), undefined)
  t.equal(reader.tokens()[0]?.revokedAt, NOW + 1)
  t.equal(reader.findToken(new Uint8Array(32)), undefined)
})

t.test('issues are filtered by what their columns and their events say', async (t) => {
  const { reader, save, writer } = openStore(t)
  save({
    a: { issue: 'pay', environment: 'production', release: '1.0' },
    b: { issue: 'pay', environment: 'test' },
  })
  save({ c: { issue: 'ship', at: NOW - DAY_MS, service: 'mail', severity: 'low' } }, NOW - DAY_MS)
  const found = (more: Partial<IssueFilter>) =>
    reader.issues(filter(more)).items.map(({ type, id }) => [type, id][1])
  t.same(found({}), [1, 2])
  t.same(found({ projectIds: [1] }), [1, 2])
  t.same(found({ projectIds: [2] }), [])
  t.same(found({ severity: 'low' }), [2])
  t.same(found({ environment: 'test' }), [1])
  t.same(found({ environment: 'production' }), [1, 2])
  t.same(found({ environment: 'production', service: 'mail' }), [2])
  t.same(found({ release: '1.0' }), [1])
  t.same(found({ since: NOW - HOUR_MS }), [1])
  t.same(found({ until: NOW - HOUR_MS }), [2])
  writer.updateIssue(1, { status: 'muted' }, NOW)
  t.same(found({ status: 'muted' }), [1])
  t.same(found({ status: 'unresolved' }), [2])
  t.match(reader.issues(filter()).items[0], {
    shortId: 'SHOP-1',
    projectId: 1,
    title: 'TypeError: cannot pay',
    culprit: 'do_pay in src/pay.ts',
    status: 'muted',
    severity: 'high',
    count: 2,
    firstSeenAt: NOW,
    lastSeenAt: NOW,
    assignee: null,
    service: 'orders',
    release: '1.0',
  })
})

t.test('every order of issues goes page by page without a gap, while more come in', async (t) => {
  const { reader, save } = openStore(t)
  const events: Record<string, SampleEvent> = {}
  for (let issue = 0; issue < 23; issue++) {
    for (let event = 0; event <= issue % 4; event++) {
      events[`${issue}.${event}`] = {
        issue: `n${issue}`,
        at: NOW - Math.floor(issue / 3) * MINUTE_MS,
        user: { id: `u${event}` },
      }
    }
  }
  save(events)
  for (const sort of ISSUE_SORTS) {
    const inOrder = reader.issues(filter({ sort })).items.map(({ id }) => id)
    const seen: number[] = []
    let cursor: string | undefined
    do {
      const page = reader.issues(filter({ sort, limit: 5, cursor }))
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
      save({ [`${sort}.${seen.length}`]: { issue: `late ${sort} ${seen.length}`, at: NOW + HOUR_MS } })
    } while (cursor !== undefined)
    t.same(new Set(seen), new Set([...inOrder, ...seen]), `${sort}: all of them`)
    t.equal(seen.length, new Set(seen).size, `${sort}: each once`)
  }
})

t.test('a cursor that no list of this kind has given is refused', async (t) => {
  const { reader, save } = openStore(t)
  save({ a: { issue: 'a' }, b: { issue: 'b' } })
  const { nextCursor } = reader.issues(filter({ limit: 1 }))
  t.type(nextCursor, 'string')
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const damaged = [
    '',
    '!',
    'x'.repeat(100_000),
    encode(null),
    encode({}),
    encode(['issues.lastSeen', 1]),
    encode(['issues.lastSeen', '1', 2]),
    encode(['issues.lastSeen', 1.5, 2]),
    encode(['issues.lastSeen', 1, 2, 3]),
    `${nextCursor?.slice(0, -4)}`,
  ]
  for (const cursor of damaged) {
    t.throws(() => reader.issues(filter({ cursor })), BadRequestToStore, cursor.slice(0, 40))
    t.throws(() => reader.deadLetters({ limit: 5, cursor }), BadRequestToStore)
    t.throws(() => reader.eventsOf(1, { limit: 5, cursor }), BadRequestToStore)
  }
  t.throws(() => reader.issues(filter({ sort: 'users', cursor: nextCursor ?? '' })), BadRequestToStore)
  for (const limit of [0, 201, 1.5, Number.NaN]) {
    t.throws(() => reader.issues(filter({ limit })), BadRequestToStore, `a limit of ${limit}`)
  }
})

t.test('an issue tells its fingerprint, its trend, its tags and its releases', async (t) => {
  const { reader, save } = openStore(t)
  save({ old: { at: NOW - 3 * HOUR_MS, release: '1.0', tags: { region: 'eu' } } }, NOW - 3 * HOUR_MS)
  const events: Record<string, SampleEvent> = {}
  for (let index = 0; index < 12; index++)
    events[`e${index}`] = { release: '1.1', tags: { shard: `s${index}` } }
  save({ ...events, last: { release: '1.1', tags: { region: 'us', shard: 's3', __proto__: 'x' } as never } })
  const issue = reader.issue(1, NOW)
  t.same(issue?.fingerprint, { version: 1, values: ['TypeError', 'pay'] })
  t.equal(issue?.trend.length, 24)
  t.same(issue?.trend.at(-1), { at: NOW, count: 13 })
  t.same(issue?.trend.at(-4), { at: NOW - 3 * HOUR_MS, count: 1 })
  t.equal(
    issue?.trend.reduce((sum, { count }) => sum + count, 0),
    14,
  )
  t.same(issue?.tags.release, [
    { value: '1.1', count: 13 },
    { value: '1.0', count: 1 },
  ])
  t.same(issue?.tags['tag.region'], [
    { value: 'eu', count: 1 },
    { value: 'us', count: 1 },
  ])
  t.equal(issue?.tags['tag.shard']?.length, 10, 'the ten most frequent values')
  t.same(issue?.tags['tag.shard']?.[0], { value: 's3', count: 2 })
  t.match(issue, { firstRelease: '1.0', lastRelease: '1.1', lastEventId: idOf('last'), count: 14 })
  t.equal(reader.issue(2, NOW), undefined)
})

t.test('an event is read as it was stored, by any spelling of its id', async (t) => {
  const { reader, writer } = openStore(t)
  const stored = prepared('e', {
    problem: { type: 'about:blank', status: 500, instance: '/orders/7' },
    extra: { nested: { list: [1, 'two', null] } },
  })
  const attachments = [
    { eventId: idOf('e'), name: 'a.txt', contentType: 'text/plain', bytes: Buffer.from('hello') },
  ]
  const feedback = [
    { eventId: idOf('e'), name: 'Ann', email: 'a@b.c', comments: 'Help', at: '2026-11-23T12:00:00Z' },
  ]
  writer.save([body(1, [{ ...stored, scrubbed: ['extra.password'] }], { attachments, feedback })])
  const hex = idOf('e')
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  for (const id of [
    hex,
    uuid,
    hex.toUpperCase(),
    `urn:uuid:${uuid}`,
    `URN:UUID:${uuid}`,
    ` ${uuid}\n`,
    '/orders/7',
  ]) {
    t.match(reader.event(id)?.event.id.replaceAll('-', ''), hex, id)
  }
  const event = reader.event(uuid)
  t.same(event?.event, stored.event)
  t.match(event, { issueId: 1, projectId: 1, receivedAt: NOW, scrubbed: ['extra.password'] })
  t.same(event?.attachments, [{ name: 'a.txt', contentType: 'text/plain', sizeBytes: 5 }])
  t.same(event?.feedback, [{ name: 'Ann', email: 'a@b.c', comments: 'Help', at: '2026-11-23T12:00:00Z' }])
  for (const id of ['', 'x', idOf('another'), '/orders/8', "' OR 1=1 --", '\0']) {
    t.equal(reader.event(id), undefined, `nothing is found for ${JSON.stringify(id)}`)
  }
})

t.test('the events of an issue come last first, page by page', async (t) => {
  const { reader, save } = openStore(t)
  save(Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`e${index}`, {}])))
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = reader.eventsOf(1, { limit: 3, cursor })
    seen.push(...(page?.items.map(({ event }) => event.id.replaceAll('-', '')) ?? []))
    cursor = page?.nextCursor ?? undefined
    save({ [`late${seen.length}`]: {} })
  } while (cursor !== undefined)
  t.same(
    seen,
    [6, 5, 4, 3, 2, 1, 0].map((index) => idOf(`e${index}`)),
  )
  t.equal(reader.eventsOf(99, { limit: 3 }), undefined)
})

t.test('a series has a point for every step', async (t) => {
  const { reader, writer } = openStore(t)
  const requests = [
    {
      minute: new Date(NOW - MINUTE_MS).toISOString(),
      service: 'orders',
      environment: 'production',
      route: '/',
      status: '2xx' as const,
      count: 40,
    },
    {
      minute: new Date(NOW - MINUTE_MS).toISOString(),
      service: 'orders',
      environment: 'production',
      route: '/',
      status: '5xx' as const,
      count: 2,
    },
  ]
  const at = NOW - 2 * HOUR_MS
  const events = [
    prepared('a', { at, service: '__proto__' }),
    prepared('b', { at, issue: 'ship', severity: 'low' as never }),
  ]
  writer.save([body(1, events, { receivedAt: at }), body(2, [prepared('c')], { requests })])
  const hours = { stepSeconds: 3600, since: NOW - 3 * HOUR_MS, until: NOW + 1 }
  const counts = (more: object) => reader.series({ ...hours, ...more }).points.map((point) => point.counts)
  t.same(
    reader.series(hours).points.map(({ at }) => at),
    [3, 2, 1, 0].map((ago) => NOW - ago * HOUR_MS),
  )
  t.same(counts({}), [{ count: 0 }, { count: 2 }, { count: 0 }, { count: 1 }])
  const none = { critical: 0, high: 0, medium: 0, low: 0 }
  t.same(counts({ by: 'severity' }), [none, { ...none, high: 1, low: 1 }, none, { ...none, high: 1 }])
  t.same(Object.entries(counts({ by: 'service' })[1] ?? {}).sort(), [
    ['__proto__', 1],
    ['orders', 1],
  ])
  t.same(
    counts({ by: 'environment', projectIds: [1] }),
    [0, 2, 0, 1].map((production) => ({ production })),
  )
  t.same(
    counts({ projectIds: [2] }),
    [0, 0, 0, 0].map((count) => ({ count })),
  )
  t.same(
    counts({ issueId: 1 }),
    [0, 1, 0, 1].map((count) => ({ count })),
  )
  t.same(counts({ by: 'requests' })[2], { '2xx': 40, '3xx': 0, '4xx': 0, '5xx': 2 })
  const minutes = { stepSeconds: 60, since: NOW - 2 * MINUTE_MS, until: NOW }
  t.same(
    reader.series({ ...minutes, by: 'requests' }).points.map((point) => point.counts['5xx']),
    [0, 2],
  )
  t.same(
    reader.series({ ...minutes, until: NOW + 1, issueId: 1 }).points.map((point) => point.counts.count),
    [0, 0, 1],
  )
  t.equal(reader.series({ stepSeconds: 3600, since: NOW - 1500 * HOUR_MS, until: NOW }).points.length, 1500)
})

t.test('a series by service shows the greatest twenty, and the rest as one', async (t) => {
  const { reader, save } = openStore(t)
  const events: Record<string, SampleEvent> = {}
  for (let index = 0; index < 30; index++) {
    for (let time = 0; time <= index; time++) events[`${index} ${time}`] = { service: `s${index}` }
  }
  save(events)
  for (const by of ['service', 'environment'] as const) {
    const [{ counts } = { counts: {} }] = reader.series({
      by,
      stepSeconds: 3600,
      since: NOW,
      until: NOW + 1,
    }).points
    t.equal(
      Object.values<number>(counts).reduce((sum, count) => sum + count),
      465,
    )
    if (by === 'environment') continue
    t.equal(Object.keys(counts).length, 21)
    t.match(counts, { s29: 30, s10: 11, other: 55 })
  }
})

t.test('a series that cannot be drawn is refused', async (t) => {
  const { reader } = openStore(t)
  const day = { since: NOW - DAY_MS, until: NOW }
  const refused = [
    { ...day, stepSeconds: 60 },
    { ...day, stepSeconds: 60, by: 'severity' as const },
    { ...day, stepSeconds: 0, issueId: 1 },
    { ...day, stepSeconds: 90, issueId: 1 },
    { ...day, stepSeconds: 5400 },
    { ...day, stepSeconds: -3600 },
    { ...day, stepSeconds: Number.NaN },
    { ...day, stepSeconds: 3600, issueId: 1, by: 'severity' as const },
    { stepSeconds: 3600, since: NOW, until: NOW },
    { stepSeconds: 3600, since: Number.NaN, until: NOW },
    { stepSeconds: 3600, since: 0, until: NOW },
    { stepSeconds: 60, since: NOW - 2 * DAY_MS, until: NOW, issueId: 1 },
  ]
  for (const request of refused)
    t.throws(() => reader.series(request), BadRequestToStore, JSON.stringify(request))
})

t.test('a store that cannot be read says so, and the way out', async (t) => {
  const folder = t.testdir({ 'text.db': 'no database at all, but a text '.repeat(100) })
  const refuses = (name: string, message: RegExp) =>
    t.throws(() => openStoreReader(join(folder, name)), { name: 'StoreUnusable', message })
  const make = (name: string, sql: string) => {
    const database = new DatabaseSync(join(folder, name))
    database.exec(sql)
    database.close()
  }
  refuses('text.db', /text.db is no database: .*backup/)
  refuses('missing.db', /cannot be opened/)
  make('foreign.db', 'CREATE TABLE theirs (a)')
  refuses('foreign.db', /another program/)
  make('newer.db', 'PRAGMA user_version = 99')
  refuses('newer.db', /version 99 .* newer collector/)
  make('older.db', 'PRAGMA user_version = 0')
  refuses('older.db', /start the collector/)

  const file = join(folder, 'store.db')
  const writer = openStoreWriter(file)
  writer.createProject({ name: 'Shop' }, NOW)
  writer.close()
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0xee, 4096))
  t.throws(
    () => {
      const reader = openStoreReader(file)
      t.teardown(() => reader.close())
      reader.projects()
    },
    { name: 'StoreUnusable', message: /is damaged: restore a backup/ },
  )
})

t.test('outcomes and drops add up, within hours', async (t) => {
  const { reader, writer } = openStore(t)
  const filtered = {
    projectId: 1,
    outcome: 'filtered' as const,
    reason: 'session',
    protocol: 'sentry' as const,
    count: 3,
  }
  writer.save([
    body(1, [prepared('a'), prepared('b')], {
      outcomes: [filtered],
      dropped: [{ reason: 'queue_full', count: 4 }],
    }),
    body(2, [prepared('a')], {
      receivedAt: NOW + 2 * HOUR_MS,
      outcomes: [filtered],
      dropped: [{ reason: 'queue_full', count: 1 }],
    }),
  ])
  const sums = (more: object) =>
    Object.fromEntries(reader.outcomes(more).map(({ outcome, count }) => [outcome, count]))
  t.same(sums({}), { stored: 2, duplicate: 1, filtered: 6 })
  t.same(sums({ projectIds: [1], until: NOW + HOUR_MS }), { stored: 2, filtered: 3 })
  t.same(sums({ since: NOW + HOUR_MS }), { duplicate: 1, filtered: 3 })
  t.same(sums({ projectIds: [2] }), {})
  t.same(reader.dropped({}), [{ reason: 'queue_full', count: 5 }])
  t.same(reader.dropped({ projectIds: [1], until: NOW + HOUR_MS }), [{ reason: 'queue_full', count: 4 }])
})

t.test('dead letters are listed, the last first', async (t) => {
  const { reader, writer } = openStore(t)
  const dead = [0, 1, 2].map((index) => ({ index, stage: 'normalise', reason: `broken ${index}`, count: 1 }))
  writer.save([body(1, [], { dead })])
  const first = reader.deadLetters({ limit: 2 })
  t.same(
    first.items.map(({ index }) => index),
    [2, 1],
  )
  const second = reader.deadLetters({ limit: 2, cursor: first.nextCursor ?? undefined, projectIds: [1] })
  t.same(
    second.items.map(({ reason }) => reason),
    ['broken 0'],
  )
  t.equal(second.nextCursor, null)
  t.same(reader.deadLetters({ limit: 2, projectIds: [2] }).items, [])
  const [letter] = first.items
  t.match(letter, {
    position: 1,
    projectId: 1,
    protocol: 'faultline',
    receivedAt: NOW,
    stage: 'normalise',
    count: 1,
  })
  t.same(reader.deadLetter(letter?.id ?? 0), letter)
  t.equal(reader.deadLetter(99), undefined)
})
