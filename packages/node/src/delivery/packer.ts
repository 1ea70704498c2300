import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { constants, gunzipSync, gzip, gzipSync } from 'node:zlib'
import type { ErrorEvent, Repeat } from '@faultline/protocol'
import type { EventFinisher, Finished } from '../event/finish-event.js'
import type { DropReason, Ledger } from '../reporter/ledger.js'
import type { EventQueue, Waiting } from './event-queue.js'
import { newParcelId, type Parcel } from './parcel.js'
import type { RequestCounts } from './request-counts.js'
import type { StormControl } from './storm-control.js'
import type { Contents, Wire } from './wire.js'

/** About, of JSON in one body. */
const BODY_BYTES = 524_288
/** How long events are built before the service has its turn. */
const SLICE_MS = 4
const FAST = { level: constants.Z_BEST_SPEED }
const compress = promisify(gzip)

export interface PackerParts {
  queue: EventQueue
  storm: StormControl
  requests: RequestCounts
  ledger: Ledger
  wire: Wire
  finisher: EventFinisher
}

/** Makes parcels of what waits. */
export class Packer {
  readonly #parts: PackerParts
  readonly #unfinished = new Set<Unfinished>()

  constructor(parts: PackerParts) {
    this.#parts = parts
  }

  /** Errors wait that nobody has begun to pack. */
  get hasErrors(): boolean {
    const { queue, storm } = this.#parts
    return queue.length > 0 || storm.hasPending
  }

  /** Counts wait, which are in no hurry. */
  get hasCounts(): boolean {
    return this.#parts.requests.hasRows || this.#parts.ledger.hasUntoldDrops
  }

  get isIdle(): boolean {
    return this.#unfinished.size === 0 && !this.hasErrors && !this.hasCounts
  }

  /** Half of the memory is used. */
  get isHalfFull(): boolean {
    return this.#parts.queue.isHalfFull
  }

  /** So much waits that a parcel is full. */
  get isFull(): boolean {
    const { queue, wire } = this.#parts
    return queue.length >= wire.maxEvents || queue.bytes >= BODY_BYTES
  }

  /** The next parcel, or `undefined` when nothing waits. */
  async pack(): Promise<Parcel | undefined> {
    for (;;) {
      const unfinished: Unfinished = { taken: this.#take() }
      this.#unfinished.add(unfinished)
      try {
        const parcel = await this.#finish(unfinished)
        if (parcel !== undefined || unfinished.taken.length === 0) return parcel
      } finally {
        this.#unfinished.delete(unfinished)
      }
    }
  }

  /** Everything that waits, at the end of a process, when nothing can be waited for: what is being packed just now, too. */
  packAllNow(): Parcel[] {
    const parcels = [...this.#unfinished].map((unfinished) => this.#finishNow(unfinished))
    while (this.hasErrors || this.hasCounts) {
      const taken = this.#take()
      parcels.push(this.#finishNow({ taken }))
      if (taken.length === 0) break
    }
    return parcels.filter((parcel) => parcel !== undefined)
  }

  /** Two parcels of one that is too large, or `undefined` when it cannot be made smaller. */
  halve({ body }: Parcel): Parcel[] | undefined {
    const { wire } = this.#parts
    const halves = wire.halve(gunzipSync(body).toString(), newParcelId)
    return halves?.map((contents) => parcelOf(contents, wire, gzipSync(wire.encode(contents), FAST)))
  }

  /** What waits goes nowhere, and neither does what is counted under it. */
  giveUp({ kind, report }: Waiting, reason: DropReason): undefined {
    const { ledger, storm } = this.#parts
    ledger.drop(reason, 1 + (kind.eventId === report.id ? storm.giveUp(kind) : 0))
  }

  /** All that waits goes nowhere. */
  giveUpAll(reason: DropReason): void {
    const { queue, storm, ledger } = this.#parts
    for (const waiting of queue.take(queue.length, Number.POSITIVE_INFINITY)) this.giveUp(waiting, reason)
    ledger.drop(reason, sumOf(storm.takeRepeats()))
  }

  async #finish(unfinished: Unfinished): Promise<Parcel | undefined> {
    const { wire } = this.#parts
    const contents = this.#contents(await this.#events(unfinished.taken))
    unfinished.contents = contents
    return contents && parcelOf(contents, wire, await compress(wire.encode(contents), FAST))
  }

  #finishNow({ taken, contents: begun }: Unfinished): Parcel | undefined {
    const { finisher, wire } = this.#parts
    const finish = (waiting: Waiting) => this.#eventOf(waiting, finisher.finishNow(waiting.report))
    const contents = begun ?? this.#contents(taken.map(finish).filter((event) => event !== undefined))
    return contents && parcelOf(contents, wire, gzipSync(wire.encode(contents), FAST))
  }

  #take(): Waiting[] {
    return this.#parts.queue.take(this.#parts.wire.maxEvents, BODY_BYTES)
  }

  async #events(taken: readonly Waiting[]): Promise<ErrorEvent[]> {
    const events: ErrorEvent[] = []
    let sliceEndsMs = performance.now() + SLICE_MS
    for (const waiting of taken) {
      const event = this.#eventOf(waiting, await this.#parts.finisher.finish(waiting.report))
      if (event !== undefined) events.push(event)
      if (performance.now() < sliceEndsMs) continue
      await nextTurn()
      sliceEndsMs = performance.now() + SLICE_MS
    }
    return events
  }

  /** What is counted under the event can follow now, or is given up with it. */
  #eventOf(waiting: Waiting, finished: Finished): ErrorEvent | undefined {
    if (typeof finished === 'string') return this.giveUp(waiting, finished)
    const { kind, report } = waiting
    if (kind.eventId === report.id) kind.isUnderWay = true
    return finished
  }

  #contents(events: readonly ErrorEvent[]): Contents | undefined {
    const { storm, requests, ledger } = this.#parts
    const repeats = storm.takeRepeats()
    const rows = requests.takeRows()
    const dropped = ledger.takeUntold()
    if (events.length + repeats.length + rows.length + dropped.length === 0) return undefined
    return { id: newParcelId(), events, requests: rows, repeats, dropped }
  }
}

/** What has left the queue, and is no parcel yet. */
interface Unfinished {
  taken: readonly Waiting[]
  contents?: Contents | undefined
}

function parcelOf({ id, events, repeats, dropped }: Contents, wire: Wire, body: Uint8Array): Parcel {
  return { id, events: events.length, counted: sumOf(repeats), wire: wire.name, body, dropped }
}

function sumOf(repeats: readonly Repeat[]): number {
  return repeats.reduce((sum, { count }) => sum + count, 0)
}
