import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { constants, gunzipSync, gzip, gzipSync } from 'node:zlib'
import type { ErrorEvent, Repeat } from '@faultline/protocol'
import type { Complain } from '../complaints.js'
import type { EventFinisher, Finished } from '../event/finish-event.js'
import type { EventQueue, Waiting } from './event-queue.js'
import type { DropReason, Ledger } from './ledger.js'
import { newParcelId, type Parcel } from './parcel.js'
import type { RequestCounts } from './request-counts.js'
import type { Kind, StormControl } from './storm-control.js'
import type { Contents, EncodedEvent, Wire } from './wire.js'

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
  complain: Complain
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

  /** Something is being packed. */
  get isPacking(): boolean {
    return this.#unfinished.size > 0
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

  /** The next parcel, or `undefined` when nothing waits. Never rejects. */
  async pack(): Promise<Parcel | undefined> {
    for (;;) {
      const unfinished = this.#begin()
      try {
        const parcel = await this.#finish(unfinished)
        if (parcel !== undefined || unfinished.taken.length === 0) return parcel
      } catch (bug) {
        this.#lose(unfinished, bug)
      } finally {
        this.#unfinished.delete(unfinished)
      }
    }
  }

  /** Everything that waits, at the end of a process, when nothing can be waited for: what is being packed just now, too. */
  packAllNow(): Parcel[] {
    while (this.#parts.queue.length > 0) this.#begin()
    if (this.hasErrors || this.hasCounts) this.#begin()
    const parcels: Parcel[] = []
    for (const unfinished of this.#unfinished) {
      try {
        const parcel = this.#finishNow(unfinished)
        if (parcel !== undefined) parcels.push(parcel)
      } catch (bug) {
        this.#lose(unfinished, bug)
      }
    }
    return parcels
  }

  /** Two parcels of one that is too large, or `undefined` when it cannot be made smaller. */
  halve({ body, isForeign }: Parcel): Parcel[] | undefined {
    const { wire } = this.#parts
    const halves = wire.halve(gunzipSync(body).toString(), newParcelId)
    return halves?.map((contents) => ({
      ...parcelOf({ ...contents, carried: new Map() }, wire, gzipSync(wire.encode(contents), FAST)),
      isForeign,
    }))
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

  #begin(): Unfinished {
    const { queue, wire } = this.#parts
    const unfinished = {
      taken: queue.take(wire.maxEvents, BODY_BYTES),
      done: 0,
      events: [],
      carried: new Map(),
    }
    this.#unfinished.add(unfinished)
    return unfinished
  }

  async #finish(unfinished: Unfinished): Promise<Parcel | undefined> {
    const { finisher, wire } = this.#parts
    const { taken } = unfinished
    let sliceEndsMs = performance.now() + SLICE_MS
    while (unfinished.done < taken.length) {
      const waiting = taken[unfinished.done] as Waiting
      this.#add(await finisher.finish(waiting.report), waiting, unfinished)
      if (performance.now() < sliceEndsMs) continue
      await nextTurn()
      sliceEndsMs = performance.now() + SLICE_MS
    }
    const contents = this.#contents(unfinished)
    return contents && parcelOf(contents, wire, await compress(wire.encode(contents), FAST))
  }

  #finishNow(unfinished: Unfinished): Parcel | undefined {
    const { finisher, wire } = this.#parts
    for (const waiting of unfinished.taken.slice(unfinished.done))
      this.#add(finisher.finishNow(waiting.report), waiting, unfinished)
    const contents = this.#contents(unfinished)
    return contents && parcelOf(contents, wire, gzipSync(wire.encode(contents), FAST))
  }

  /** What is counted under the event can follow now, or is given up with it. */
  #add(finished: Finished, waiting: Waiting, unfinished: Unfinished): void {
    unfinished.done++
    const encoded = typeof finished === 'string' ? finished : this.#encode(finished)
    if (typeof encoded === 'string') {
      this.giveUp(waiting, encoded)
      return
    }
    const index = unfinished.events.push(encoded) - 1
    const { kind, report } = waiting
    if (kind.eventId !== report.id) return
    kind.isUnderWay = true
    unfinished.carried.set(index, kind)
  }

  #encode(event: ErrorEvent): EncodedEvent | 'failed' {
    try {
      return { id: event.id, text: this.#parts.wire.encodeEvent(event) }
    } catch (error) {
      this.#parts.complain('an event holds what JSON cannot say', error)
      return 'failed'
    }
  }

  #contents(unfinished: Unfinished): Packed | undefined {
    if (unfinished.contents !== undefined) return unfinished.contents
    const { storm, requests, ledger } = this.#parts
    const { events, carried } = unfinished
    const repeats = storm.takeRepeats()
    const rows = requests.takeRows()
    const dropped = ledger.takeUntold()
    if (events.length + repeats.length + rows.length + dropped.length === 0) return undefined
    unfinished.contents = { id: newParcelId(), events, requests: rows, repeats, dropped, carried }
    return unfinished.contents
  }

  /** A bug of ours, or no memory: the books are kept all the same. */
  #lose({ taken, done, events, contents }: Unfinished, bug: unknown): void {
    this.#parts.complain('a batch could not be packed', bug)
    for (const waiting of taken.slice(done)) this.giveUp(waiting, 'failed')
    this.#parts.ledger.drop('failed', events.length + sumOf(contents?.repeats ?? []))
  }
}

/** What has left the queue, and is no parcel yet. */
interface Unfinished {
  readonly taken: readonly Waiting[]
  /** So many of them are events, or were given up. */
  done: number
  readonly events: EncodedEvent[]
  readonly carried: Map<number, Kind>
  contents?: Packed
}

type Packed = Contents & Pick<Parcel, 'carried'>

function parcelOf({ id, events, repeats, dropped, carried }: Packed, wire: Wire, body: Uint8Array): Parcel {
  const label = { id, events: events.length, counted: sumOf(repeats), wire: wire.name }
  return { ...label, body, dropped, carried, isForeign: false }
}

function sumOf(repeats: readonly Repeat[]): number {
  return repeats.reduce((sum, { count }) => sum + count, 0)
}
