// What there is no room for is refused before anything of it is written, and nothing that was taken is lost.

import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { brotliCompress, constants, deflate, gzip, zstdCompress } from 'node:zlib'
import { openStoreReader } from '@faultline/collector'
import t, { type Test } from 'tap'
import { ask, balance } from './books.js'
import { type CollectorChild, KEY, mountDisk, prepareData, spawnCollector } from './collector-child.js'
import { eventually } from './eventually.js'
import { type Load, startLoad } from './retrying-clients.js'

t.setTimeout(180_000)

const MIB = 1_048_576
const noLimits = { FAULTLINE_RATE_LIMIT: 'off', FAULTLINE_MIN_FREE_DISK_BYTES: '0' }
/** Does not get smaller, so that it fills a disk. */
const padding = randomBytes(3000).toString('base64')

t.test('on a full disk it answers 503, and goes on by itself once there is room', async (t) => {
  const disk = mountDisk(t, 24)
  if (disk === undefined) return t.pass('mounting a disk needs root', { skip: true })
  const token = prepareData(disk)
  const child = spawnCollector(t, { data: disk, env: noLimits })
  const url = await child.ready
  const makeRoom = fill(disk, 2 * MIB)
  const load = startLoad(t, url, padding)
  const refusal = await refusedWith(load, 503)
  t.match(refusal.headers.get('retry-after'), /^\d+$/)
  await taken(load, () => makeRoom())
  await endsInOrder(t, { child, url, token, load, store: disk, queue: disk })
})

t.test('it stops before the disk is full, says so, and is ready again by itself', async (t) => {
  const disk = mountDisk(t, 64)
  if (disk === undefined) return t.pass('mounting a disk needs root', { skip: true })
  const token = prepareData(disk)
  const env = { ...noLimits, FAULTLINE_MIN_FREE_DISK_BYTES: '32MiB' }
  const child = spawnCollector(t, { data: disk, env })
  const url = await child.ready
  const load = startLoad(t, url)
  await taken(load)
  const makeRoom = fill(disk, 28 * MIB)
  await answersReady(url, { status: 503, detail: 'The disk of the collector is nearly full.' })
  const refusal = await refusedWith(load, 503)
  t.equal(refusal.headers.get('retry-after'), '30')
  await taken(load, makeRoom)
  await answersReady(url, { status: 200, detail: undefined })
  await endsInOrder(t, { child, url, token, load, store: disk, queue: disk })
})

t.test('while the store alone has no room, events are taken, and digested later', async (t) => {
  const disk = mountDisk(t, 8)
  if (disk === undefined) return t.pass('mounting a disk needs root', { skip: true })
  const token = prepareData(disk)
  const data = t.testdir()
  symlinkSync(join(disk, 'store.db'), join(data, 'store.db'))
  const child = spawnCollector(t, { data, env: noLimits })
  const url = await child.ready
  const makeRoom = fill(disk, 0)
  const load = startLoad(t, url, padding)
  await eventually('a digest that waits', () => /digest waits/.test(child.printed()) || undefined)
  await taken(load)
  t.equal(load.refusals.size, 0, 'nobody has noticed')
  makeRoom()
  await endsInOrder(t, { child, url, token, load, store: disk, queue: data })
})

t.test('a queue that is as long as it may be refuses, until it is shorter', async (t) => {
  const data = t.testdir()
  const token = prepareData(data)
  const limits = { ...noLimits, FAULTLINE_QUEUE_LIMIT_BYTES: '1MiB', FAULTLINE_BODY_LIMIT_BYTES: '1MiB' }
  const child = spawnCollector(t, { data, env: limits })
  const url = await child.ready
  const release = holdStore(data)
  const load = startLoad(t, url, padding)
  const refusal = await refusedWith(load, 503)
  t.match(refusal.headers.get('retry-after'), /^\d+$/)
  await taken(load, release)
  await endsInOrder(t, { child, url, token, load, store: data, queue: data })
})

t.test('short of memory it takes nothing, and says why it is not ready', async (t) => {
  const data = t.testdir()
  const token = prepareData(data)
  // less than three threads of Node take
  const child = spawnCollector(t, { data, env: { ...noLimits, FAULTLINE_MEMORY_LIMIT_BYTES: '128MiB' } })
  const url = await child.ready
  await answersReady(url, { status: 503, detail: 'The collector is short of memory.' })
  const load = startLoad(t, url)
  const refusal = await refusedWith(load, 503)
  t.equal(refusal.headers.get('retry-after'), '5')
  await load.abandon()
  t.strictSame(await balance(t, url, token), { received: 0, pending: 0, outcomes: {} })
  t.equal((await child.kill('SIGTERM')).code, 0)
})

t.test('a gigabyte of zeros, packed, costs no more than the limit', async (t) => {
  const data = t.testdir()
  const token = prepareData(data)
  const child = spawnCollector(t, { data, env: noLimits })
  const url = await child.ready
  const zeros = Buffer.alloc(1024 * MIB)
  const bombs: Record<string, Buffer<ArrayBuffer>> = {
    gzip: await promisify(gzip)(zeros, { level: 1 }),
    deflate: await promisify(deflate)(zeros, { level: 1 }),
    br: await promisify(brotliCompress)(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    zstd: await promisify(zstdCompress)(zeros, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  }
  const before = peakBytes(child)
  for (const [encoding, body] of Object.entries(bombs)) {
    t.ok(body.length < 8 * MIB, `${encoding}: ${body.length} bytes`)
    for (const path of ['/api/1/events', '/api/1/envelope/']) {
      const startedAt = performance.now()
      const headers = { authorization: `Bearer ${KEY}`, 'content-encoding': encoding }
      const { status } = await fetch(url + path, { method: 'POST', headers, body })
      const tookMs = Math.round(performance.now() - startedAt)
      t.equal(status, 413, `${encoding} to ${path}`)
      t.ok(tookMs < 3000, `${tookMs} ms`)
    }
  }
  const grewBytes = peakBytes(child) - before
  t.ok(grewBytes < 150 * MIB, `at its peak ${Math.round(grewBytes / MIB)} MiB more than before`)
  await eventually('all refusals in the books', async () => {
    const { body } = await ask(url, token, '/stats/outcomes')
    return body.received === 8 || undefined
  })
  t.strictSame((await balance(t, url, token)).outcomes, { invalid: 8 })
})

/** Leaves so many bytes of a disk. @returns what makes room again */
function fill(disk: string, leftBytes: number): () => void {
  const { bavail, bsize } = statfsSync(disk)
  const file = join(disk, 'ballast')
  try {
    writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)))
  } catch (error) {
    // The collector has taken some of it meanwhile: then it is full all the same.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
  return () => rmSync(file)
}

/** Keeps digest from writing. @returns what lets it go on */
function holdStore(data: string): () => void {
  const database = new DatabaseSync(join(data, 'store.db'), { timeout: 5000 })
  database.exec('BEGIN IMMEDIATE')
  return () => database.close()
}

function refusedWith(load: Load, status: number): Promise<Response> {
  return eventually(`an answer ${status}`, () => load.refusals.get(status))
}

/** Resolves once more events have been taken, after something was done for it. */
async function taken(load: Load, first: () => void = () => undefined): Promise<void> {
  first()
  const before = load.acknowledged.length
  await eventually('events taken', () => load.acknowledged.length > before + 50 || undefined, 60_000)
}

/** Resolves once /health/ready answers so. */
async function answersReady(url: string, expected: { status: number; detail: string | undefined }) {
  await eventually(`an answer ${expected.status}, ${expected.detail}`, async () => {
    const response = await fetch(`${url}/health/ready`)
    const { detail } = (await response.json()) as { detail?: string }
    return (response.status === expected.status && detail === expected.detail) || undefined
  })
}

interface Ended {
  child: CollectorChild
  url: string
  token: string
  load: Load
  /** Folders of the databases. */
  store: string
  queue: string
}

/** What was taken is there once, what was refused left nothing behind, and both files are sound. */
async function endsInOrder(t: Test, { child, url, token, load, store, queue }: Ended): Promise<void> {
  await load.finish()
  const ids = load.acknowledged
  const { received, outcomes } = await balance(t, url, token)
  t.strictSame(outcomes, { stored: ids.length, counted: load.repeats }, 'every acknowledged event, once')
  t.equal(received, ids.length + load.repeats, 'and nothing of what was refused')
  t.equal((await child.kill('SIGTERM')).code, 0)
  const reader = openStoreReader(join(store, 'store.db'))
  t.strictSame(
    ids.filter((id) => reader.event(id) === undefined),
    [],
  )
  reader.close()
  for (const file of [join(store, 'store.db'), join(queue, 'queue.db')]) {
    const database = new DatabaseSync(file)
    t.equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok', file)
    database.close()
  }
}

/** The most memory that the process has had. */
function peakBytes({ pid }: CollectorChild): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}
