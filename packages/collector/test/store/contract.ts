import type { Test } from 'tap'
import {
  type DigestedBody,
  StoreConflict,
  type StoreReader,
  type StoreWriter,
  UnknownToStore,
} from '../../src/store/store.js'
import { AskedStore } from './asked-store.js'
import { aBody, anEvent, eventId, NOON, prepared } from './digested.js'

/** A store of one kind, in a folder of its own. */
export type OpenStore = (folder: string) => { writer: StoreWriter; reader: StoreReader }

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** What every kind of store does with what digest hands over. */
export function storeContract(t: Test, name: string, open: OpenStore): void {
  const storeTest = (behaviour: string, check: (t: Test, store: AskedStore) => void) => {
    t.test(`${name} ${behaviour}`, async (t) => {
      const { writer, reader } = open(t.testdir())
      t.teardown(() => {
        reader.close()
        writer.close()
      })
      writer.createProject({ name: 'Shop' }, NOON)
      check(t, new AskedStore(writer, reader))
    })
  }

  storeTest(
    'gives an event back as it was, with its frames, in its own spelling of the id',
    (t, { writer, reader }) => {
      const strange = JSON.parse('{"__proto__": {"a": 1}, "nul": "a\\u0000b", "lone": "\\ud800", "long": ""}')
      strange.long = 'x'.repeat(100_000)
      const events = [
        anEvent(1, { id: '0197A3B2-0000-7000-8000-00000000000A', extra: strange }),
        anEvent(2, { id: '0197a3b2-0000-7000-8000-00000000000b', tags: { region: 'eu' } }),
        anEvent(3, { exceptions: [], message: 'plain' }),
      ]
      const scrubbed = ['request.headers.cookie']
      writer.save([aBody(1, { events: events.map((event) => prepared(event, { scrubbed })) })])
      for (const event of events) {
        const stored = reader.event(event.id)
        t.same(stored?.event, event)
        t.same(stored?.scrubbed, scrubbed)
        t.equal(stored?.receivedAt, NOON)
      }
      t.ok(Object.hasOwn(reader.event(events[0]?.id ?? '')?.event.extra ?? {}, '__proto__'))
      t.end()
    },
  )

  storeTest(
    'groups events by fingerprint, and numbers the issues of each project',
    (t, { writer, reader }) => {
      writer.createProject({ name: 'Bär & Co.' }, NOON)
      const { changes, outcomes } = writer.save([
        aBody(1, {
          events: [prepared(anEvent(1)), prepared(anEvent(2)), prepared(anEvent(3), { group: 'other' })],
        }),
        aBody(2, { projectId: 2, events: [prepared(anEvent(4))] }),
      ])
      t.match(changes, [
        { projectId: 1, isNew: true, isRegression: false, events: 2, lastEventId: eventId(2) },
        { projectId: 1, isNew: true, events: 1 },
        { projectId: 2, isNew: true, events: 1 },
      ])
      t.same(
        changes.map(({ issueId }) => reader.issue(issueId, NOON)?.shortId),
        ['SHOP-1', 'SHOP-2', 'BAR-CO-1'],
      )
      t.same(
        outcomes.map(({ projectId, outcome, count }) => ({ projectId, outcome, count })),
        [
          { projectId: 1, outcome: 'stored', count: 3 },
          { projectId: 2, outcome: 'stored', count: 1 },
        ],
      )
      t.match(writer.save([aBody(3, { events: [prepared(anEvent(5))] })]).changes, [
        { isNew: false, events: 1 },
      ])
      t.equal(reader.position(), 3)
      t.end()
    },
  )

  storeTest('takes events of a project that it does not know', (t, { writer, reader }) => {
    writer.save([aBody(1, { projectId: 77, events: [prepared(anEvent(1))] })])
    t.match(
      reader.projects().find(({ id }) => id === 77),
      { name: 'project 77', slug: 'project-77', keys: [] },
    )
    t.end()
  })

  storeTest(
    'stores an id once, in one body, in two, and whatever its spelling or fingerprint',
    (t, store) => {
      const hyphenated = '0197a3b2-0000-7000-8000-00000000000b'
      const plain = hyphenated.replaceAll('-', '')
      const twice = [
        prepared(anEvent(1, { id: plain })),
        prepared(anEvent(1, { id: hyphenated.toUpperCase() })),
      ]
      store.writer.save([aBody(1, { events: twice })])
      store.writer.save([aBody(2, { events: [prepared(anEvent(1, { id: plain }), { group: 'regrouped' })] })])
      t.same(store.outcomes(), { stored: 1, duplicate: 2 })
      t.equal(store.issues().length, 1)
      t.equal(store.onlyIssue().count, 1)
      t.end()
    },
  )

  storeTest('does not let a project take an id away from another', (t, store) => {
    const id = eventId(1)
    store.writer.save([aBody(1, { projectId: 2, events: [prepared(anEvent(1))] })])
    store.writer.save([
      aBody(2, { events: [prepared(anEvent(1))], repeats: [repeatOf(id, 5)], batchId: eventId(9) }),
    ])
    t.same(store.outcomes(), { stored: 2, 'counted repeat': 5 })
    t.same(
      store
        .issues()
        .map(({ projectId, count }) => [projectId, count])
        .sort(),
      [
        [1, 6],
        [2, 1],
      ],
    )
    const [mine] = store.issues().filter(({ projectId }) => projectId === 1)
    const feedback = [
      { eventId: id, name: 'Eve', email: '', comments: 'not yours', at: '2026-11-23T12:00:00Z' },
    ]
    const attachments = [{ eventId: id, name: 'x', contentType: 'text/plain', bytes: Buffer.from('x') }]
    store.writer.save([aBody(3, { projectId: 2, feedback, attachments })])
    const [stored] = store.reader.eventsOf(mine?.id ?? 0, { limit: 1 })?.items ?? []
    t.match(stored, { projectId: 1, feedback: [], attachments: [] })
    t.equal(stored?.feedback.length, 0)
    t.end()
  })

  storeTest('writes nothing of a save that fails, and can be asked again', (t, store) => {
    const { writer, reader } = store
    writer.save([aBody(1, { events: [prepared(anEvent(1))] })])
    const unwritable = prepared(anEvent(3, { level: undefined as never }), { group: 'unwritable' })
    const good = aBody(2, {
      events: [prepared(anEvent(2, { release: '2' }))],
      batchId: eventId(7),
      requests: [requests(4)],
    })
    t.throws(() => writer.save([good, aBody(3, { events: [unwritable] })]))
    t.throws(() => writer.rehearse(aBody(3, { events: [unwritable] })))
    writer.rehearse(good)
    t.equal(reader.position(), 1)
    t.same(store.outcomes(), { stored: 1 })
    t.equal(store.onlyIssue().count, 1)
    writer.save([good])
    t.same(store.outcomes(), { stored: 2 })
    t.match(store.onlyIssue(), { count: 2, lastRelease: '2' })
    t.throws(() => writer.save([good]), /digested already/)
    t.same(store.outcomes(), { stored: 2 })
    t.end()
  })

  storeTest('counts repeats for the issue of their event, before and after it comes', (t, store) => {
    const { writer } = store
    const until = NOON + 5 * MINUTE_MS
    const late = (position: number, count: number, batch: number) =>
      aBody(position, {
        receivedAt: until,
        repeats: [repeatOf(eventId(1), count, until)],
        batchId: eventId(batch),
      })
    writer.save([late(1, 3, 90), late(2, 4, 91)])
    t.same(store.outcomes(), { 'counted repeat': 7 })
    writer.save([aBody(3, { events: [prepared(anEvent(1))] })])
    t.match(store.onlyIssue(), { count: 8, lastSeenAt: until })
    writer.save([late(4, 10, 92)])
    t.match(store.onlyIssue(), { count: 18 })
    t.same(store.outcomes(), { stored: 1, 'counted repeat': 17 })
    const trend = store.onlyIssue(until).trend.reduce((sum, { count }) => sum + count, 0)
    t.equal(trend, 18)
    t.end()
  })

  storeTest('adds nothing of a batch that it has seen', (t, store) => {
    const { writer, reader } = store
    const batch = (position: number): DigestedBody =>
      aBody(position, {
        batchId: '0197a3b2-0000-7000-8000-00000000000b',
        events: [prepared(anEvent(1))],
        repeats: [repeatOf(eventId(1), 5), repeatOf(eventId(1), 6)],
        requests: [requests(40)],
        dropped: [{ reason: 'overflow', count: 3 }],
      })
    writer.save([batch(1), batch(2)])
    writer.save([batch(3)])
    t.same(store.outcomes(), { stored: 1, duplicate: 2, 'counted repeat': 11, 'duplicate repeat': 22 })
    t.equal(store.onlyIssue().count, 12)
    t.same(reader.dropped({}), [{ reason: 'overflow', count: 3 }])
    const { points } = reader.series({ by: 'requests', stepSeconds: 3600, since: NOON, until: NOON + 1 })
    t.equal(points[0]?.counts['2xx'], 40)
    t.end()
  })

  storeTest('can be read and written whatever clients have claimed', (t, store) => {
    const { writer, reader } = store
    const most = Number.MAX_SAFE_INTEGER
    const HOUR_MS = 60 * MINUTE_MS
    const claim = (position: number, ids: number[], receivedAt = NOON) =>
      aBody(position, {
        ...{ receivedAt, batchId: eventId(90 + position) },
        repeats: ids.map((id) => repeatOf(eventId(id), most)),
        requests: [requests(most)],
        dropped: [{ reason: 'overflow', count: most }],
      })
    writer.save([claim(1, [1]), claim(2, [1])])
    writer.save([claim(3, [1]), aBody(4, { events: [prepared(anEvent(1))] })])
    writer.save([claim(5, [1])])
    writer.save([claim(6, [1], NOON + HOUR_MS)])
    writer.save([aBody(7, { events: [prepared(anEvent(2), { group: 'other' })] })])
    t.ok((store.outcomes()['counted repeat'] ?? 0) >= most)
    t.ok((reader.dropped({})[0]?.count ?? 0) >= most)
    const hours = { stepSeconds: 3600, since: NOON, until: NOON + 1 }
    t.equal(reader.series({ by: 'requests', ...hours }).points[0]?.counts['2xx'], most)
    t.ok((reader.series(hours).points[0]?.counts.count ?? 0) >= most)
    t.equal(reader.issue(1, NOON)?.count, most)
    writer.updateIssue(1, { status: 'muted' }, NOON)
    writer.save([claim(8, [1, 2])])
    t.same(
      store.issues().map(({ count }) => count),
      [most, most],
    )
    t.end()
  })

  storeTest('counts users one by one up to a thousand, and closely above', (t, store) => {
    const save = (position: number, from: number, to: number) => {
      const users = Array.from({ length: to - from }, (_, index) => `user-${from + index}`)
      const events = users.map((id, index) => prepared(anEvent(position * 1e6 + index, { user: { id } })))
      store.writer.save([aBody(position, { events })])
    }
    save(1, 0, 700)
    save(2, 300, 1000)
    t.equal(store.onlyIssue().users, 1000)
    save(3, 1000, 2500)
    save(4, 0, 2500)
    const { users } = store.onlyIssue()
    t.ok(Math.abs(users - 2500) < 125, `${users} users`)
    store.writer.save([aBody(5, { events: [prepared(anEvent(7, { user: { email: 'a@b.c' } }))] })])
    t.ok(Math.abs(store.onlyIssue().users - users) <= 2)
    t.end()
  })

  storeTest('shows the most frequent values of an issue, a hundred of each key', (t, store) => {
    const events = Array.from({ length: 300 }, (_, index) =>
      prepared(anEvent(index, { tags: { request: `r${index}`, region: index % 3 === 0 ? 'eu' : 'us' } })),
    )
    store.writer.save([aBody(1, { events: events.slice(0, 150) })])
    store.writer.save([aBody(2, { events: events.slice(150) })])
    const { tags } = store.onlyIssue()
    t.same(tags['tag.region'], [
      { value: 'us', count: 200 },
      { value: 'eu', count: 100 },
    ])
    t.same(tags.environment, [{ value: 'production', count: 300 }])
    t.end()
  })

  storeTest(
    'finds an issue by any of its releases, where a service is released ten times a day',
    (t, store) => {
      const events = Array.from({ length: 300 }, (_, index) =>
        prepared(anEvent(index, { release: `shop@1.${index}.0` })),
      )
      store.writer.save([aBody(1, { events })])
      const found = store.reader.issues({
        ...{ limit: 10, status: 'all', sort: 'lastSeen', now: NOON },
        release: 'shop@1.299.0',
      })
      t.equal(found.items.length, 1)
      t.end()
    },
  )

  storeTest('finds a regression, and knows the releases that never had the fix', (t, store) => {
    const { writer } = store
    let position = 0
    const event = (release: string | undefined, at: number) => {
      position++
      const occurredAt = new Date(at).toISOString()
      const events = [prepared(anEvent(position, { release, occurredAt }))]
      return writer.save([aBody(position, { receivedAt: at + 1000, events })]).changes[0]
    }
    event('shop@1.2.0', NOON - DAY_MS)
    const { id } = store.onlyIssue()
    t.ok(writer.updateIssue(id, { status: 'resolved', resolvedInRelease: 'shop@1.10.0' }, NOON))
    t.match(event('shop@1.11.0', NOON - MINUTE_MS), { isRegression: false }, 'it had occurred before')
    t.match(event('shop@1.9.1', NOON + MINUTE_MS), { isRegression: false }, 'an older release')
    t.equal(store.onlyIssue().status, 'resolved')
    t.match(event('shop@1.10.0', NOON + MINUTE_MS), { isRegression: true, isNew: false })
    t.match(store.onlyIssue(), { status: 'unresolved', count: 4, lastRelease: 'shop@1.10.0' })
    writer.updateIssue(id, { status: 'muted' }, NOON)
    t.match(event('shop@2.0.0', NOON + MINUTE_MS), { isRegression: false })
    t.match(store.onlyIssue(), { status: 'muted', count: 5 })
    writer.updateIssue(id, { status: 'muted', mutedUntil: NOON + 3 * MINUTE_MS }, NOON)
    event('shop@2.0.0', NOON + 2 * MINUTE_MS)
    t.equal(store.onlyIssue().status, 'muted', 'not yet')
    t.match(event('shop@2.0.0', NOON + 3 * MINUTE_MS), { isRegression: false })
    t.match(store.onlyIssue(), { status: 'unresolved', count: 7 }, 'the time is over')
    writer.updateIssue(id, { assignee: 'ada@shop.example' }, NOON)
    t.equal(store.onlyIssue().assignee, 'ada@shop.example')
    writer.updateIssue(id, { assignee: null }, NOON)
    t.equal(store.onlyIssue().assignee, null)
    t.notOk(writer.updateIssue(999, { status: 'muted' }, NOON))
    t.end()
  })

  storeTest('keeps the severity that a person has set', (t, { writer, reader }) => {
    const severityAfter = (position: number, severity: 'critical' | 'high' | 'low') => {
      const body = aBody(position, { events: [prepared(anEvent(position), { severity })] })
      const [change] = writer.save([body]).changes
      return reader.issue(change?.issueId ?? 0, NOON)
    }
    const id = severityAfter(1, 'low')?.id ?? 0
    t.equal(severityAfter(2, 'high')?.severity, 'high')
    t.equal(severityAfter(3, 'low')?.severity, 'high', 'the worst stays')
    writer.updateIssue(id, { severity: 'low' }, NOON)
    t.equal(severityAfter(4, 'critical')?.severity, 'low')
    t.end()
  })

  storeTest('does not believe clocks that are far off', (t, store) => {
    const at = (occurredAt: number, number: number) =>
      prepared(anEvent(number, { occurredAt: new Date(occurredAt).toISOString() }))
    store.writer.save([aBody(1, { events: [at(NOON + DAY_MS, 1), at(0, 2), at(NOON - 3 * DAY_MS, 3)] })])
    t.match(store.onlyIssue(), { firstSeenAt: NOON - 3 * DAY_MS, lastSeenAt: NOON })
    t.end()
  })

  storeTest('keeps dead letters until they are replayed or deleted, and the books balance', (t, store) => {
    const { writer, reader } = store
    const dead = (index: number, count: number) => ({ index, stage: 'scrub', reason: 'it broke', count })
    const saved = writer.save([
      aBody(5, { dead: [dead(0, 1), dead(2, 1)] }),
      aBody(6, { dead: [dead(-1, 40)] }),
    ])
    t.same(saved.keep, [5, 6])
    t.same(writer.keptPositions(), [5, 6])
    t.same(store.outcomes(), { 'failed scrub': 42 })
    const letters = reader.deadLetters({ limit: 10 }).items.sort((a, b) => a.id - b.id)
    const [first, second, third] = letters.map(({ id }) => id)
    t.match(writer.deadLetter(third ?? 0), {
      position: 6,
      index: -1,
      count: 40,
      projectId: 1,
      protocol: 'faultline',
    })
    t.same(writer.replayed(first ?? 0, aBody(5, { events: [prepared(anEvent(1))] })).keep, [5])
    t.same(store.outcomes(), { stored: 1, 'failed scrub': 41 })
    t.same(writer.replayed(second ?? 0, aBody(5, { dead: [dead(2, 1)] })).keep, [5], 'it has failed again')
    t.same(store.outcomes(), { stored: 1, 'failed scrub': 41 })
    t.same(writer.deleteDeadLetter(third ?? 0), { found: true, released: 6 })
    t.same(writer.deleteDeadLetter(third ?? 0), { found: false })
    t.throws(() => writer.replayed(999, aBody(7)), /no dead letter/)
    t.equal(reader.position(), 6)
    t.end()
  })

  storeTest('keeps what comes along with an event, once', (t, { writer, reader }) => {
    const id = eventId(1)
    const body = (position: number) =>
      aBody(position, {
        events: [prepared(anEvent(1))],
        attachments: [{ eventId: id, name: 'a.txt', contentType: 'text/plain', bytes: Buffer.from('abc') }],
        feedback: [
          { eventId: id, name: 'Ann', email: 'a@b.c', comments: 'it broke', at: '2026-11-23T12:00:00Z' },
        ],
      })
    writer.save([body(1), body(2)])
    t.match(reader.event(id), {
      attachments: [{ name: 'a.txt', contentType: 'text/plain', sizeBytes: 3 }],
      feedback: [{ name: 'Ann', comments: 'it broke' }],
    })
    t.equal(reader.event(id)?.attachments.length, 1)
    t.end()
  })

  storeTest('knows projects, keys and tokens', (t, { writer, reader }) => {
    const own = writer.createProject({ name: 'Faultline', id: 0, publicKey: 'a'.repeat(32) }, NOON)
    t.same(own.keys, [{ publicKey: 'a'.repeat(32), projectId: 0, createdAt: NOON, revokedAt: null }])
    const again = writer.createProject({ name: 'SHOP!' }, NOON)
    t.match(again, { id: 2, slug: 'shop-2', keys: [{ publicKey: /^[0-9a-f]{32}$/ }] })
    t.equal(writer.createProject({ name: '商店' }, NOON).slug, 'project')
    t.throws(() => writer.createProject({ name: 'x', id: 1 }, NOON), StoreConflict)
    t.throws(() => writer.createProject({ name: 'x', publicKey: 'a'.repeat(32) }, NOON), StoreConflict)
    t.equal(reader.projects().length, 4, 'a project without its key is not left behind')
    const key = writer.createKey(1, undefined, NOON)
    t.ok(writer.revokeKey(key.publicKey, NOON + 1))
    t.notOk(writer.revokeKey(key.publicKey, NOON + 2))
    t.equal(reader.keys().find(({ publicKey }) => publicKey === key.publicKey)?.revokedAt, NOON + 1)
    t.throws(() => writer.createKey(9, undefined, NOON), UnknownToStore)
    const hash = Buffer.alloc(32, 1)
    const token = writer.createToken({ name: 'ci', role: 'viewer', hash }, NOON)
    t.throws(() => writer.createToken({ name: 'ci', role: 'viewer', hash }, NOON), StoreConflict)
    t.ok(writer.revokeToken(token.id, NOON + 1))
    t.equal(reader.findToken(hash), undefined)
    t.end()
  })
}

function repeatOf(id: string, count: number, until = NOON) {
  return { eventId: id, count, until: new Date(until).toISOString() }
}

function requests(count: number): DigestedBody['requests'][number] {
  const minute = new Date(NOON).toISOString()
  return { minute, service: 'shop', environment: 'production', route: '/', status: '2xx', count }
}
