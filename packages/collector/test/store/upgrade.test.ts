import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { growOldStore, oldAnswers, placeOldStore } from '../../../../test/golden/stores/old-store.js'
import type { SeenRelease } from '../../src/store/seen.js'
import { MIGRATIONS, type Migration } from '../../src/store/sqlite/migrations.js'
import { openStoreWriter } from '../../src/store/sqlite/open-store.js'
import { openStoreReader } from '../../src/store/sqlite/read/open-store-reader.js'
import { upgradeStore } from '../../src/store/sqlite/upgrade-store.js'
import { aBody, anEvent, NOON, prepared } from './digested.js'

const GROWN = 60_000
const KILLS = 10

t.setTimeout(180_000)

t.test('a store of version 1 answers after its upgrade what it has answered before', async (t) => {
  const file = placeOldStore(t.testdir())
  upgradeStore(file)
  const reader = openStoreReader(file)
  const old = oldAnswers()
  const { now, issues, details, events, series } = old
  const page = { status: 'all', sort: 'events', limit: 200, now } as const
  t.match(plain(reader.issues(page).items), issues)
  t.match(plain(issues.map(({ id }: { id: number }) => reader.issue(id, now))), details)
  for (const [id, items] of Object.entries(events)) {
    t.match(plain(reader.eventsOf(Number(id), { limit: 5 })?.items), items as object)
  }
  t.match(plain(reader.event('a'.repeat(32))), old.attached)
  const period = { since: series.points[0].at, until: now }
  t.match(plain(reader.series({ stepSeconds: 3600, by: 'service', ...period })), series)
  t.match(
    plain({
      position: reader.position(),
      projects: reader.projects(),
      tokens: reader.tokens(),
      outcomes: reader.outcomes({}),
      dropped: reader.dropped({}),
      deadLetters: reader.deadLetters({ limit: 10 }).items,
    }),
    (({ position, projects, tokens, outcomes, dropped, deadLetters }) => {
      return { position, projects, tokens, outcomes, dropped, deadLetters }
    })(old),
  )
  t.strictSame(plain(releasesOf(file)), countedOneByOne(reader))
  reader.close()
})

t.test('a store that was upgraded has the schema of a new one, and takes events', async (t) => {
  const folder = t.testdir()
  const file = placeOldStore(folder)
  upgradeStore(file)
  const writer = openStoreWriter(file)
  openStoreWriter(join(folder, 'new.db')).close()
  t.strictSame(schemaOf(file), schemaOf(join(folder, 'new.db')))

  const before = releaseOf(file, '1.0.1')
  const events = [1, 2, 3].map((id) => prepared(anEvent(0xf000 + id, { release: '1.0.1' }), { group: 'new' }))
  const position = writer.position() + 1
  writer.save([aBody(position, { events: [...events, ...events.slice(1)], receivedAt: NOON })])
  t.match(releaseOf(file, '1.0.1'), { events: (before?.events ?? 0) + 3, lastSeenAt: NOON })
  const late = prepared(anEvent(0xf009, { release: '1.0.1' }), { group: 'new' })
  writer.save([aBody(position + 1, { events: [late], receivedAt: NOON - 5000 })])
  t.match(
    releaseOf(file, '1.0.1'),
    { events: (before?.events ?? 0) + 4, lastSeenAt: NOON, firstSeenAt: before?.firstSeenAt },
    'one that comes late was not seen last',
  )
  writer.close()
})

t.test('kill -9 loses a slice at most, and the next upgrade goes on there', async (t) => {
  const seed = Number(process.env.SEED) || Date.now() % 1_000_000
  t.comment(`seed ${seed}`)
  const folder = t.testdir()
  const whole = placeOldStore(join(folder, 'whole'))
  growOldStore(whole, GROWN)
  const file = placeOldStore(join(folder, 'killed'))
  growOldStore(file, GROWN)
  const startedAt = performance.now()
  upgradeStore(whole)
  const wholeMs = performance.now() - startedAt

  let random = seed
  let interrupted = 0
  let done = 0
  for (let kill = 0; kill < KILLS; kill++) {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31
    const child = upgrading(t, file)
    await once(child.stdout as NodeJS.ReadableStream, 'data') // it has begun
    await setTimeout(((random / 2 ** 31) * wholeMs) / KILLS)
    child.kill('SIGKILL')
    const [code] = await once(child, 'close')
    if (code === null) interrupted++
    const progress = progressOf(file)
    t.ok(progress >= done, `${progress} of ${GROWN} events`)
    done = progress
  }
  t.ok(interrupted > KILLS / 2, `${interrupted} were killed in the middle`)
  t.throws(() => openStoreWriter(file), {
    name: 'StoreUnusable',
    message: /from version 1 to 2 \(\d+ %\): wait/,
  })
  t.throws(() => openStoreReader(file), {
    name: 'StoreUnusable',
    message: /if none runs, start it, and it goes on/,
  })

  const [one, other] = [upgrading(t, file), upgrading(t, file)] // two at once take turns
  const codes = await Promise.all([once(one, 'close'), once(other, 'close')])
  t.strictSame(codes, [
    [0, null],
    [0, null],
  ])
  t.strictSame(releasesOf(file), releasesOf(whole))
  t.equal(
    releasesOf(file).reduce((sum, { events }) => sum + events, 0),
    withRelease(file),
  )
  t.strictSame(schemaOf(file), schemaOf(whole))
})

t.test('says how far it is, once a second', async (t) => {
  const file = placeOldStore(t.testdir())
  let now = 0
  const tenths: Migration = {
    sql: 'CREATE TABLE added (a)',
    backfill: {
      items: 'things',
      count: () => 1_234_000,
      slice: (_database, after) => {
        now += 400
        return after < 10 ? { place: after + 1, done: 123_400 } : { place: after, done: 0 }
      },
    },
  }
  const messages: string[] = []
  upgradeStore(file, {
    migrations: [...MIGRATIONS.slice(0, 1), tenths],
    onProgress: (message) => messages.push(message),
    clock: () => now,
  })
  t.strictSame(messages, [
    'The store is brought from version 1 to 2.',
    'The store is brought from version 1 to 2: 370 200 of 1 234 000 things (30 %).',
    'The store is brought from version 1 to 2: 740 400 of 1 234 000 things (60 %).',
    'The store is brought from version 1 to 2: 1 110 600 of 1 234 000 things (90 %).',
    'The store is of version 2 now.',
  ])
})

t.test('a payload that is damaged keeps no other event from the new version', async (t) => {
  const file = placeOldStore(t.testdir())
  const database = new DatabaseSync(file)
  database.exec(
    "UPDATE events SET payload = x'00ff' WHERE id = 5; DELETE FROM dictionaries WHERE issue_id = 3",
  )
  database.close()
  upgradeStore(file)
  t.ok(releasesOf(file).some(({ events }) => events > 10))
})

t.test('releases are listed with the last one first, and pages miss none', async (t) => {
  const file = placeOldStore(t.testdir())
  upgradeStore(file)
  const reader = openStoreReader(file)
  t.teardown(() => reader.close())
  const every = reader.releases({ limit: 200 }).items
  const times = every.map(({ lastSeenAt }) => lastSeenAt)
  t.strictSame(
    times,
    [...times].sort((one, next) => next - one),
  )
  t.ok(new Set(times).size < times.length, 'some were seen at the same time')
  for (const limit of [1, 2, 3, 7]) {
    const paged: SeenRelease[] = []
    let cursor: string | undefined
    do {
      const page = reader.releases({ limit, cursor })
      paged.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    t.strictSame(paged, every, `pages of ${limit}`)
  }
  t.strictSame(
    reader.releases({ limit: 200, projectIds: [2] }).items,
    every.filter(({ projectId }) => projectId === 2),
  )
  t.strictSame(reader.releases({ limit: 200, projectIds: [] }).items, [])
})

function upgrading(t: Test, file: string): ChildProcess {
  const script = fileURLToPath(new URL('../worker-programs/upgrade-process.js', import.meta.url))
  const child = spawn(process.execPath, [script, file], {
    env: { PATH: process.env.PATH }, // the runner puts itself into every Node by NODE_OPTIONS
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

function releasesOf(file: string): SeenRelease[] {
  const reader = openStoreReader(file)
  try {
    return plain(reader.releases({ limit: 200 }).items)
  } finally {
    reader.close()
  }
}

function releaseOf(file: string, release: string): SeenRelease | undefined {
  return releasesOf(file).find((one) => one.projectId === 1 && one.release === release)
}

/** What the events themselves say, in the order of the list. */
function countedOneByOne(reader: ReturnType<typeof openStoreReader>): SeenRelease[] {
  const issues = reader.issues({ status: 'all', sort: 'events', limit: 200, now: NOON }).items
  const events = issues.flatMap(({ id }) => reader.eventsOf(id, { limit: 200 })?.items ?? [])
  const seen = new Map<string, SeenRelease>()
  for (const { event, projectId, receivedAt } of events) {
    const { release } = event
    if (release === undefined) continue
    const one = seen.get(`${projectId} ${release}`)
    seen.set(`${projectId} ${release}`, {
      projectId,
      release,
      firstSeenAt: Math.min(one?.firstSeenAt ?? receivedAt, receivedAt),
      lastSeenAt: Math.max(one?.lastSeenAt ?? 0, receivedAt),
      events: (one?.events ?? 0) + 1,
    })
  }
  return [...seen.values()].sort(
    (one, next) =>
      next.lastSeenAt - one.lastSeenAt ||
      one.projectId - next.projectId ||
      (one.release < next.release ? -1 : 1),
  )
}

/** Of a store of copies, one in ten has none. */
function withRelease(file: string): number {
  const database = new DatabaseSync(file)
  const { events } = database.prepare('SELECT sum(event_count) AS events FROM releases').get() as {
    events: number
  }
  const { count } = database.prepare('SELECT count(*) AS count FROM events').get() as { count: number }
  database.close()
  return Math.abs(events / count - 0.9) < 0.01 ? events : -1
}

function progressOf(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const version = database.prepare('PRAGMA user_version').get()?.user_version
    if (version === 2) return GROWN
    return Number(database.prepare('SELECT done FROM migration_progress').get()?.done)
  } catch {
    return 0
  } finally {
    database.close()
  }
}

function schemaOf(file: string): unknown[] {
  const database = new DatabaseSync(file)
  const rows = database.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all()
  const { user_version: version } = database.prepare('PRAGMA user_version').get() ?? {}
  database.close()
  return plain([version, ...rows])
}

/** As it is in JSON: rows have no prototype. */
function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value))
}
