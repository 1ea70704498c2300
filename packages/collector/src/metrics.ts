import { stat } from 'node:fs/promises'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Books } from './books.js'
import type { Remote, StoreReader } from './store/store.js'

export interface MetricsSources {
  readBooks(): Promise<Books>
  reads: Pick<Remote<StoreReader>, 'countDeadLetters'>
  /** How long the oldest body that is not digested has waited. */
  lagSeconds(): number
  /** The files of the databases, by name. */
  databases: Readonly<Record<string, string>>
}

/** What operators count. */
export interface Metrics {
  refused(reason: string): void
  appended(seconds: number): void
  workerDied(worker: string): void
  /** Events, and why. */
  deleted(because: string, events: number): void
  /** In Prometheus's text format. */
  text(sources: MetricsSources): Promise<{ contentType: string; body: string }>
}

/** Metrics in a registry of their own, beside those of the process. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const meters = createMeters(registry)
  let reading: Promise<{ contentType: string; body: string }> | undefined

  const read = async (sources: MetricsSources) => {
    await Promise.all([readCounts(meters, sources), readSizes(meters, sources)])
    meters.lag.set(sources.lagSeconds())
    return { contentType: registry.contentType, body: await registry.metrics() }
  }
  return {
    refused: (reason) => meters.refused.inc({ reason }),
    appended: (seconds) => meters.append.observe(seconds),
    workerDied: (worker) => meters.deaths.inc({ worker }),
    deleted: (reason, events) => meters.deleted.inc({ reason }, events),
    text(sources) {
      // One at a time: two would mix what they have read.
      reading ??= read(sources).finally(() => {
        reading = undefined
      })
      return reading
    },
  }
}

type Meters = ReturnType<typeof createMeters>

function createMeters(registry: Registry) {
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers })
  return {
    received: counter(
      'faultline_received_events_total',
      'Events ever received: the sum of outcomes and pending events.',
    ),
    /** No counter: what was `failed` falls when a dead letter is replayed. */
    outcomes: gauge('faultline_outcomes', 'Received events by what has become of them so far.', [
      'outcome',
      'reason',
      'protocol',
    ]),
    pendingBodies: gauge('faultline_pending_bodies', 'Bodies in the queue that are not digested yet.'),
    pendingEvents: gauge('faultline_pending_events', 'Events in the queue that are not digested yet.'),
    pendingBytes: gauge('faultline_pending_bytes', 'Size of the bodies that are not digested yet.'),
    refused: counter('faultline_refused_requests_total', 'Requests that intake has refused.', ['reason']),
    lag: gauge('faultline_digest_lag_seconds', 'How long the oldest body that is not digested has waited.'),
    append: new Histogram({
      name: 'faultline_append_duration_seconds',
      help: 'Time until a body is durable in the queue.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    deleted: counter('faultline_deleted_events_total', 'Stored events that were deleted.', ['reason']),
    deadLetters: gauge('faultline_dead_letters', 'Events in the DLQ.'),
    databaseBytes: gauge('faultline_database_size_bytes', 'Size of a database with its log.', ['database']),
    deaths: counter('faultline_worker_deaths_total', 'Workers that have ended by themselves.', ['worker']),
  }
}

/** Without an answer of the store, all that belongs together stays as it was. */
async function readCounts(meters: Meters, { readBooks, reads }: MetricsSources): Promise<void> {
  const [books, deadLetters] = await Promise.all([
    readBooks().catch(() => undefined),
    reads.countDeadLetters().catch(() => undefined),
  ])
  if (deadLetters !== undefined) meters.deadLetters.set(deadLetters)
  if (books === undefined) return
  const { received, outcomes, pending } = books
  meters.received.reset()
  meters.received.inc(sum([...received.values()]))
  meters.outcomes.reset()
  for (const { outcome, reason, protocol, count } of outcomes)
    meters.outcomes.inc({ outcome, reason, protocol }, count) // several projects share one series
  meters.pendingBodies.set(pending.bodies)
  meters.pendingEvents.set(pending.events)
  meters.pendingBytes.set(pending.bytes)
}

async function readSizes(meters: Meters, { databases }: MetricsSources): Promise<void> {
  for (const [database, file] of Object.entries(databases)) {
    const sizes = await Promise.all([file, `${file}-wal`].map(sizeOf))
    meters.databaseBytes.set({ database }, sum(sizes))
  }
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined) // there is no log once it is written back
  return found?.size ?? 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
