import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type PinnedProcess, startFree } from '../measure/pinned-process.ts'
import type { CollectorMark, CollectorOrder } from './collector-process.ts'
import type { LoadOrder, LoadResult, Target } from './load-process.ts'

/** Of events while intake is measured: half of the target's rate. */
const EVENTS_PER_SECOND = 5000
const PACED_SECONDS = 20
const BODY_EVENTS = 100_000
/** The older half was received so long ago; retention keeps 90 days. */
const AGE_DAYS = 100

const options = { events: { type: 'string', default: '100000' }, long: { type: 'boolean' } } as const

/** `npm run bench -- retention [--events 100000] [--long]`: half of the stored events is deleted during intake at half load. */
export async function benchRetention(args: readonly string[]): Promise<void> {
  const { events: given, long = false } = parseArgs({ args: [...args], options }).values
  const events = long ? 1_000_000 : Number(given)
  const data = mkdtempSync(join(tmpdir(), 'faultline-bench-'))
  const load = startFree(new URL('./load-process.ts', import.meta.url))
  let collector = start(data)
  try {
    await fill(load, collector, events)
    await preparePaced(load)
    const before = await paced(load, collector)
    await collector.stop()
    const deleted = makeOld(data, events / 2)
    const sizeBefore = sizeOf(data)
    await preparePaced(load) // retention begins with the collector
    collector = start(data)
    const [during, seconds] = await Promise.all([paced(load, collector), untilDeleted(collector, deleted)])
    const sizeAfter = sizeOf(data)
    await fill(load, collector, events / 2)
    const sizeRefilled = sizeOf(data)
    console.log(
      `${events} events stored, ${deleted} deleted in ${seconds.toFixed(0)} s during ${EVENTS_PER_SECOND} events/s`,
    )
    console.log(`intake p99: ${p99(before)} ms before, ${p99(during)} ms during`)
    console.log(
      `store.db: ${mb(sizeBefore)} before, ${mb(sizeAfter)} after, ${mb(sizeRefilled)} with ${events / 2} new events`,
    )
  } finally {
    await load.stop()
    await collector.stop()
    rmSync(data, { recursive: true })
  }
}

function start(data: string): PinnedProcess {
  return startFree(new URL('./collector-process.ts', import.meta.url), data)
}

async function fill(load: PinnedProcess, collector: PinnedProcess, events: number): Promise<void> {
  for (let sent = 0; sent < events; sent += BODY_EVENTS) {
    const part = Math.min(BODY_EVENTS, events - sent)
    await load.ask({ prepare: 'batches', events: part, seed: sent + 1 } satisfies LoadOrder)
    const { target } = await mark(collector)
    await load.ask<LoadResult>({ send: target, connections: 8 } satisfies LoadOrder)
    await untilDigested(target)
  }
}

async function preparePaced(load: PinnedProcess): Promise<void> {
  const events = EVENTS_PER_SECOND * PACED_SECONDS
  await load.ask({ prepare: 'batches', events, seed: 7 } satisfies LoadOrder)
}

async function paced(load: PinnedProcess, collector: PinnedProcess): Promise<LoadResult> {
  const { target } = await mark(collector)
  return load.ask<LoadResult>({
    send: target,
    connections: 8,
    eventsPerSecond: EVENTS_PER_SECOND,
  } satisfies LoadOrder)
}

/** As if they had been received so long ago. @returns how many events */
function makeOld(data: string, events: number): number {
  const database = new DatabaseSync(join(data, 'store.db'))
  const ageMs = AGE_DAYS * 86_400_000
  const { changes } = database
    .prepare(
      'UPDATE events SET received_at = received_at - ? WHERE id <= (SELECT min(id) FROM events) + ? - 1',
    )
    .run(ageMs, events)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  return Number(changes)
}

/** @returns seconds from the first look */
async function untilDeleted(collector: PinnedProcess, events: number): Promise<number> {
  const start = performance.now()
  const { target } = await mark(collector)
  for (;;) {
    const metrics = await (await fetch(`http://127.0.0.1:${target.port}/metrics`)).text()
    const [, deleted = 0] = /^faultline_deleted_events_total\{reason="age"\} (\d+)$/m.exec(metrics) ?? []
    if (Number(deleted) >= events) return (performance.now() - start) / 1000
    await sleep(100)
  }
}

async function untilDigested({ port, token }: Target): Promise<void> {
  for (;;) {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/stats/outcomes`, { headers })
    const { pending } = (await response.json()) as { pending: number }
    if (pending === 0) return
    await sleep(20)
  }
}

function mark(collector: PinnedProcess): Promise<CollectorMark> {
  return collector.ask<CollectorMark>({ mark: true } satisfies CollectorOrder)
}

function sizeOf(data: string): number {
  return statSync(join(data, 'store.db')).size
}

function p99({ latenciesMs }: LoadResult): string {
  const sorted = [...latenciesMs].sort((a, b) => a - b)
  return (sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN).toFixed(1)
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
