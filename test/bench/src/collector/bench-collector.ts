import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type PinnedProcess, startFree } from '../measure/pinned-process.ts'
import type { CollectorMark, CollectorOrder, ThreadCosts } from './collector-process.ts'
import { collectorReport } from './collector-report.ts'
import type { LoadOrder, LoadResult, Target } from './load-process.ts'
import { measureCores } from './measure-cores.ts'
import { measureReads, type ReadTimes } from './measure-reads.ts'

const file = 'docs/bench/collector.md'
/** What half of the targets is: intake's and the reads' figures are taken under it. */
const halfLoad = { batches: 5000, envelopes: 2000 }
const seconds = { long: 20, short: 6 }

const options = {
  /** Up to a million events, about ten minutes; without it 100 000, under two minutes. */
  long: { type: 'boolean' },
  /** Keeps the databases, and says where. */
  keep: { type: 'boolean' },
} as const

export interface Ingest {
  sent: number
  eventsPerSecond: number
  /** After the last answer, until everything was searchable. */
  drainSeconds: number
  statuses: Record<string, number>
  latenciesMs: number[]
  visibleMs: number[]
  cpuMicrosPerEvent: number
}

/** All figures at one number of stored events. */
export interface Stage {
  storedEvents: number
  batches: Ingest
  envelopes: Ingest
  halfBatches: Ingest
  halfEnvelopes: Ingest
  reads: ReadTimes
  readsUnderLoad: ReadTimes
  bytesPerEvent: number
  rssMb: number
  peakRssMb: number
  readyMs: number
}

export interface Profile {
  events: number
  threads: ThreadCosts
}

/** `npm run bench -- collector [--long] [--keep]` */
export async function benchCollector(args: readonly string[]): Promise<void> {
  const { long = false, keep = false } = parseArgs({ args: [...args], options }).values
  const cores = await measureCores()
  const data = mkdtempSync(join(tmpdir(), 'faultline-bench-'))
  const bench = new Bench(data, long ? seconds.long : seconds.short)
  try {
    const stages = [await bench.stage(70_000)]
    if (long) stages.push(await bench.stage(700_000))
    const profile = await bench.profile(70_000)
    mkdirSync('docs/bench', { recursive: true })
    writeFileSync(file, collectorReport(stages, { isLong: long, cores, profile }))
    console.log(`${file} is written`)
  } finally {
    await bench.stop()
    if (keep) console.log(`The databases are in ${data}`)
    else rmSync(data, { recursive: true })
  }
}

class Bench {
  readonly #data: string
  readonly #pacedSeconds: number
  readonly #load = startFree(new URL('./load-process.ts', import.meta.url))
  #collector: PinnedProcess
  #stored = 0
  #seed = 1

  constructor(data: string, pacedSeconds: number) {
    this.#data = data
    this.#pacedSeconds = pacedSeconds
    this.#collector = this.#start()
  }

  /** Adds events as fast as they are taken, then measures everything else. */
  async stage(events: number): Promise<Stage> {
    const batches = await this.#ingest('batches', events)
    const { rssMb, peakRssMb } = await this.#mark()
    const envelopes = await this.#ingest('envelopes', Math.min(events / 5, 30_000))
    const halfBatches = await this.#atHalfLoad('batches')
    const halfEnvelopes = await this.#atHalfLoad('envelopes')
    const reads = await measureReads((await this.#mark()).target)
    const readsUnderLoad = await this.#readsUnderLoad()
    const storedEvents = this.#stored
    await this.#restart()
    const { readyMs } = await this.#mark()
    const bytesPerEvent = this.#bytes() / storedEvents
    const all = { storedEvents, batches, envelopes, halfBatches, halfEnvelopes }
    return { ...all, reads, readsUnderLoad, bytesPerEvent, rssMb, peakRssMb, readyMs }
  }

  /** What each thread spends its time on while batches are taken as fast as they can be. */
  async profile(events: number): Promise<Profile> {
    await this.#ingest('batches', events) // warm: the process has just been started
    await this.#collector.ask({ profile: 'start' } satisfies CollectorOrder)
    const { sent } = await this.#ingest('batches', events)
    const threads = await this.#collector.ask<ThreadCosts>({ profile: 'stop' } satisfies CollectorOrder)
    return { events: sent, threads }
  }

  async stop(): Promise<void> {
    await this.#load.stop()
    await this.#collector.stop()
  }

  #atHalfLoad(kind: 'batches' | 'envelopes'): Promise<Ingest> {
    return this.#ingest(kind, halfLoad[kind] * this.#pacedSeconds, halfLoad[kind])
  }

  async #readsUnderLoad(): Promise<ReadTimes> {
    const ingest = this.#ingest('batches', halfLoad.batches * this.#pacedSeconds * 2, halfLoad.batches)
    await this.#sending
    const reads = await measureReads((await this.#mark()).target)
    await ingest
    return reads
  }

  /** Resolves as soon as the prepared bodies are being sent. */
  #sending: Promise<void> = Promise.resolve()

  async #ingest(kind: 'batches' | 'envelopes', events: number, eventsPerSecond?: number): Promise<Ingest> {
    let isSending = () => {}
    this.#sending = new Promise((resolve) => {
      isSending = resolve
    })
    await this.#load.ask({ prepare: kind, events, seed: this.#seed++ } satisfies LoadOrder)
    const before = await this.#mark()
    const start = performance.now()
    const connections = kind === 'batches' ? 8 : 32
    const order: LoadOrder = { send: before.target, connections, ...(eventsPerSecond && { eventsPerSecond }) }
    const sent = this.#load.ask<LoadResult>(order)
    isSending()
    const result = await sent
    await untilDigested(before.target)
    const totalSeconds = (performance.now() - start) / 1000
    this.#stored += result.events
    const cpuSeconds = (await this.#mark()).cpuSeconds - before.cpuSeconds
    const ingest: Ingest = {
      sent: result.events,
      eventsPerSecond: result.events / totalSeconds,
      drainSeconds: totalSeconds - result.seconds,
      statuses: result.statuses,
      latenciesMs: result.latenciesMs,
      visibleMs: result.visibleMs,
      cpuMicrosPerEvent: (cpuSeconds * 1e6) / result.events,
    }
    console.log(
      `${kind} ${eventsPerSecond ?? 'as fast as they are taken'}: ${Math.round(ingest.eventsPerSecond)} events/s, ` +
        `drained after ${ingest.drainSeconds.toFixed(1)} s, ${Math.round(ingest.cpuMicrosPerEvent)} µs CPU an event, ${JSON.stringify(result.statuses)}`,
    )
    return ingest
  }

  #start(): PinnedProcess {
    return startFree(new URL('./collector-process.ts', import.meta.url), this.#data)
  }

  async #restart(): Promise<void> {
    await this.#collector.stop()
    this.#collector = this.#start()
  }

  #mark(): Promise<CollectorMark> {
    return this.#collector.ask<CollectorMark>({ mark: true } satisfies CollectorOrder)
  }

  /** After a restart: the write-ahead logs are folded in. */
  #bytes(): number {
    return readdirSync(this.#data).reduce((sum, name) => sum + statSync(join(this.#data, name)).size, 0)
  }
}

async function untilDigested({ port, token }: Target): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/stats/outcomes`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const { pending } = (await response.json()) as { pending: number }
    if (pending === 0) return
    await sleep(20)
  }
}
