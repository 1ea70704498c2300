import type { Complain } from '../reporter/complaints.js'
import type { DropReason, Ledger } from '../reporter/ledger.js'
import type { Parcel } from './parcel.js'
import type { Spool, SpooledParcel } from './spool.js'

export interface OutboxParts {
  ledger: Ledger
  /** `undefined`: memory only. */
  spool: Spool | undefined
  complain: Complain
}

/** Parcels that are not accepted yet: on disk, or in memory where there is no disk. Keeps the books of what becomes of them. */
export class Outbox {
  readonly #parts: OutboxParts
  #held: Parcel[] = []

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  get hasHeld(): boolean {
    return this.#held.length > 0
  }

  get hasSpool(): boolean {
    return this.#parts.spool !== undefined
  }

  get hasSpooled(): boolean {
    return this.#parts.spool?.isEmpty === false
  }

  /** The one to send next, oldest first. */
  async next(): Promise<Parcel | undefined> {
    return this.#held.shift() ?? this.#parts.spool?.oldest()
  }

  /** Keeps a parcel for later. @returns whether it is safe on disk */
  async keep(parcel: Parcel): Promise<boolean> {
    if (isSpooled(parcel)) return true
    const { spool, ledger, complain } = this.#parts
    try {
      await spool?.add(parcel)
      if (spool !== undefined) ledger.spool(parcel)
      else this.#held.push(parcel)
      return spool !== undefined
    } catch (error) {
      complain('the spool cannot be written, and events wait in memory', error)
      this.#held.push(parcel)
      return false
    }
  }

  /** The server has accepted it, but for so many of its events. */
  async accept(parcel: Parcel, rejected: number): Promise<void> {
    const tally = { events: parcel.events - rejected, counted: parcel.counted }
    const { ledger, spool } = this.#parts
    if (!isSpooled(parcel)) ledger.deliver(tally, 'waiting')
    else {
      await spool?.remove(parcel)
      if (parcel.isForeign) ledger.recover(tally)
      else ledger.deliver(tally, 'spooled')
    }
    this.#drop('refused', rejected, parcel)
  }

  /** Nobody will ever accept it. */
  async giveUp(parcel: Parcel, reason: DropReason): Promise<void> {
    if (isSpooled(parcel)) await this.#parts.spool?.remove(parcel)
    this.#parts.ledger.tellLater(parcel.dropped)
    this.#drop(reason, parcel.events + parcel.counted, parcel)
  }

  /** Smaller ones go in its place. */
  async replace(parcel: Parcel, smaller: readonly Parcel[]): Promise<void> {
    if (isSpooled(parcel)) {
      await this.#parts.spool?.remove(parcel)
      if (!parcel.isForeign) this.#parts.ledger.unspool(parcel)
    }
    this.#held.unshift(...smaller)
  }

  /** At the end: what is held goes to disk, or is given up. */
  async close(): Promise<void> {
    const held = this.#held
    this.#held = []
    for (const parcel of held) if (!(await this.keep(parcel))) await this.giveUp(parcel, 'closed')
    this.#held = []
    await this.#parts.spool?.close()
  }

  /** The same when nothing can be waited for. */
  closeNow(more: readonly Parcel[]): void {
    const { spool, complain } = this.#parts
    for (const parcel of [...this.#held, ...more]) {
      try {
        if (!isSpooled(parcel)) spool?.addNow(parcel)
      } catch (error) {
        complain('the spool cannot be written, and events are lost', error)
      }
    }
  }

  #drop(reason: DropReason, count: number, parcel: Parcel): void {
    if (!isSpooled(parcel)) this.#parts.ledger.drop(reason, count)
    else if (parcel.isForeign) this.#parts.ledger.tellLater(count > 0 ? [{ reason, count }] : [])
    else this.#parts.ledger.drop(reason, count, 'spooled')
  }
}

function isSpooled(parcel: Parcel): parcel is Parcel & SpooledParcel {
  return 'fileName' in parcel
}
