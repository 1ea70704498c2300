// What a 2xx is worth: the collector is killed, stopped, and started where it cannot run.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { openStoreReader } from '@faultline/collector'
import { captureError, createReporter } from '@faultline/node'
import t, { type Test } from 'tap'
import { balance } from './books.js'
import { type CollectorChild, KEY, mountDisk, prepareData, spawnCollector } from './collector-child.js'
import { eventually } from './eventually.js'
import { startFront } from './front.js'
import { startLoad } from './retrying-clients.js'

t.setTimeout(180_000)

const KILLS = 20
const noLimits = { FAULTLINE_RATE_LIMIT: 'off', FAULTLINE_MIN_FREE_DISK_BYTES: '0' }

t.test('what was acknowledged is stored exactly once, however often it is killed', async (t) => {
  const seed = Number(process.env.SEED) || Date.now() % 1_000_000
  t.comment(`seed ${seed}: SEED=${seed} kills at the same moments`)
  const random = mulberry32(seed)
  const folder = t.testdir()
  const data = join(folder, 'data')
  const token = prepareData(data)
  const front = await startFront(t)
  const load = startLoad(t, front.url)
  const service = startService(t, front.url, join(folder, 'spool'))

  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawnCollector(t, { data, env: noLimits })
    // the first ones in the middle of making and opening the databases, and of what is to be mended after a kill
    if (kill % 4 === 0) await setTimeout(random() * 900)
    else {
      front.leadTo(await child.ready)
      service.capture()
      const count = load.acknowledged.length
      await eventually(
        () => `an acknowledged event, only ${[...load.refusals.keys()]}`,
        () => load.acknowledged.length > count || undefined,
      )
      if (kill % 4 === 1) await trimBegins(data)
      else await setTimeout(random() * 400)
    }
    front.leadTo(undefined)
    t.equal((await child.kill('SIGKILL')).signal, 'SIGKILL', `kill ${kill}: nothing else has ended it`)
  }

  const last = spawnCollector(t, { data, env: noLimits })
  const url = await last.ready
  front.leadTo(url)
  await load.finish()
  await service.finish()
  const ids = [...load.acknowledged, ...service.ids]
  t.comment(`${ids.length} events, ${load.repeats} repeats`)
  t.ok(ids.length > 10 * KILLS, 'there was load')

  const { outcomes } = await balance(t, url, token)
  t.equal(outcomes.stored, ids.length)
  t.equal(outcomes.counted, load.repeats)
  t.strictSame(
    Object.keys(outcomes).filter((outcome) => !/^(stored|counted|duplicate)$/.test(outcome)),
    [],
  )
  t.equal((await last.kill('SIGTERM')).code, 0)
  checkStored(t, data, ids, load.repeats)
  await startsCleanly(t, data, token)
})

t.test(
  'SIGTERM under load: it ends with 0 within ten seconds, and nothing acknowledged is lost',
  async (t) => {
    const data = join(t.testdir(), 'data')
    const token = prepareData(data)
    const child = spawnCollector(t, { data, env: noLimits })
    const load = startLoad(t, await child.ready)
    await eventually('load', () => load.acknowledged.length > 500 || undefined)
    const startedAt = performance.now()
    const { code, err } = await child.kill('SIGTERM')
    const tookMs = performance.now() - startedAt
    await load.abandon()
    t.equal(code, 0, err)
    t.ok(tookMs < 10_000, `${Math.round(tookMs)} ms`)
    t.notMatch(child.printed(), /"level":(40|50|60)/, 'nothing went wrong')

    const second = spawnCollector(t, { data, env: noLimits })
    const { outcomes } = await balance(t, await second.ready, token)
    t.ok((outcomes.stored ?? 0) >= load.acknowledged.length)
    t.notMatch(second.printed(), /"level":(40|50|60)/, 'the next start is clean')
    t.equal((await second.kill('SIGTERM')).code, 0)
    const store = openStoreReader(join(data, 'store.db'))
    t.strictSame(
      load.acknowledged.filter((id) => store.event(id) === undefined),
      [],
    )
    store.close()
  },
)

t.test('what keeps it from starting is one sentence, and the exit code says whose fault it is', async (t) => {
  const folder = t.testdir()
  const data = join(folder, 'data')
  const token = prepareData(data)
  const first = spawnCollector(t, { data })
  await first.ready
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const port = String((taken.address() as { port: number }).port)
  const fails = async (
    where: { data: string; env?: NodeJS.ProcessEnv; args?: string[] },
    expected: { code: number; says: RegExp },
  ) => {
    const { code, err } = await spawnCollector(t, where).ended
    t.equal(code, expected.code, err)
    t.match(err, expected.says)
    t.notMatch(err, /\n +at |bug of faultline/, 'no stack')
  }

  await Promise.all([
    fails({ data }, { code: 1, says: /^The data folder \S+ is in use by another collector: .+\.\n$/ }),
    fails(
      { data: join(folder, 'second'), args: ['--port', port] },
      { code: 1, says: /^Port \d+ of 127\.0\.0\.1 is in use: .+\.\n$/ },
    ),
    ...['store.db', 'queue.db'].map((file) =>
      fails(
        { data: ofNewerVersion(join(folder, `newer-${file}`), file) },
        { code: 1, says: /^The .*newer.*\.\n$|^The .* version 99,.*\.\n$/ },
      ),
    ),
    fails(
      {
        data,
        env: { FAULTLINE_PORT: 'many', FAULTLINE_RATE_LIMIT: '0', FAULTLINE_RATE_LIMT: '7' },
        args: ['--port', 'x'],
      },
      {
        code: 2,
        says: /mistakes:\n.*FAULTLINE_PORT.*\n.*FAULTLINE_RATE_LIMIT .*\n.*FAULTLINE_RATE_LIMT is unknown.*RATE_LIMIT\?\n.*--port.*\n$/,
      },
    ),
    // where the system makes no folders
    fails(
      { data: '/proc/faultline/data' },
      { code: 1, says: /^The data folder \/proc\/faultline\/data cannot be .+\.\n$/ },
    ),
    fails(
      { data: '/proc/self/data' },
      { code: 1, says: /^The data folder \/proc\/self\/data cannot be .+\.\n$/ },
    ),
  ])

  await first.kill('SIGKILL')
  await startsCleanly(t, data, token)
})

t.test('a data folder that can only be read is named', async (t) => {
  const disk = mountDisk(t, 16)
  if (disk === undefined) return t.pass('mounting a disk needs root', { skip: true })
  prepareData(disk)
  execFileSync('mount', ['-o', 'remount,ro', disk])
  const { code, err } = await spawnCollector(t, { data: disk }).ended
  t.equal(code, 1)
  t.match(err, /^The data folder \S+ cannot be written \(EROFS\): .+\.\n$/)
})

/** A service with our own reporter, which keeps on disk what cannot be sent. */
function startService(t: Test, url: string, spoolDir: string) {
  const ids: string[] = []
  const reporter = createReporter({
    dsn: url.replace('://', `://${KEY}@`).concat('/1'),
    enabled: true,
    service: 'worker',
    environment: 'test',
    spoolDir,
    flushIntervalMs: 50,
    maxEqualPerMinute: 100_000,
    retry: { minDelayMs: 50, maxDelayMs: 200 },
  })
  t.teardown(() => reporter.close(0))
  return {
    ids,
    capture() {
      for (let count = 0; count < 10; count++)
        ids.push(String(captureError(new Error(`No table ${ids.length}`), { reporter })))
    },
    async finish() {
      t.ok(await reporter.flush(30_000), 'the reporter has sent all')
      t.ok(await reporter.close(5000))
    },
  }
}

/** Resolves while bodies that have been digested are being forgotten. */
async function trimBegins(data: string): Promise<void> {
  const queue = new DatabaseSync(join(data, 'queue.db'), { readOnly: true })
  const oldest = queue.prepare('SELECT min(position) AS position FROM bodies')
  const before = Number(oldest.get()?.position)
  await eventually('a trim', () => Number(oldest.get()?.position) !== before || undefined)
  queue.close()
}

/** Each of these events is there once, and nothing else is. */
function checkStored(t: Test, data: string, ids: readonly string[], repeats: number): void {
  const store = openStoreReader(join(data, 'store.db'))
  t.strictSame(
    ids.filter((id) => store.event(id) === undefined),
    [],
    'every acknowledged event is there',
  )
  const now = Date.now()
  let count = 0
  let cursor: string | undefined
  do {
    const page = store.issues({ status: 'all', sort: 'lastSeen', limit: 200, now, cursor })
    for (const issue of page.items) count += issue.count
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  t.equal(count, ids.length + repeats, 'and once: the issues have counted no more')
  store.close()
  for (const file of ['store.db', 'queue.db']) t.equal(integrityOf(join(data, file)), 'ok', file)
}

function integrityOf(file: string): unknown {
  const database = new DatabaseSync(file)
  const found = database.prepare('PRAGMA integrity_check').get()?.integrity_check
  database.close()
  return found
}

async function startsCleanly(t: Test, data: string, token: string): Promise<void> {
  const child: CollectorChild = spawnCollector(t, { data })
  await balance(t, await child.ready, token)
  t.notMatch(child.printed(), /"level":(40|50|60)/, 'the next start is clean')
  t.equal((await child.kill('SIGTERM')).code, 0)
}

/** @returns a data folder in which one of the databases is of a Faultline to come */
function ofNewerVersion(data: string, file: string): string {
  mkdirSync(data)
  const database = new DatabaseSync(join(data, file))
  database.exec('PRAGMA user_version = 99')
  database.close()
  return data
}

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
