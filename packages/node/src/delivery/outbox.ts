import type { Complain } from '../reporter/complaints.js'
import type { DropReason, Ledger } from '../reporter/ledger.js'
import type { Parcel } from './parcel.js'
import type { Spool, SpooledParcel } from './spool.js'

/** So often, and a parcel no longer keeps the others waiting. */
const STUBBORN_BUGS = 5
/** Parcels in memory that fail again and again; beyond them, fresh ones wait in the queue. */
const MAX_STUBBORN = 10

export interface OutboxParts {
  ledger: Ledger
  /** `undefined`: memory only. */
  spool: Spool | undefined
  complain: Complain
}

/** Parcels that are not accepted yet: on disk, or in memory where there is no disk. Keeps the books of what becomes of them. */
export class Outbox {
  readonly #parts: OutboxParts
  /** In memory, oldest first. */
  #held: Parcel[] = []
  /** In memory too, and in somebody's hands: on its way, or to the disk. */
  readonly #lent = new Set<Parcel>()
  /** How often the server has met a bug, by the id of the parcel. */
  readonly #bugs = new Map<string, number>()

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

  /**
   * The one to send next, oldest first; one that the server fails on again and again makes room for what comes behind it.
   * @param hasFresh there are errors that are not packed yet
   */
  async next(hasFresh: boolean): Promise<Parcel | undefined> {
    const isWilling = ({ id }: Pick<Parcel, 'id'>) => (this.#bugs.get(id) ?? 0) < STUBBORN_BUGS
    const { spool } = this.#parts
    const willing = this.#take(this.#held.find(isWilling)) ?? (await spool?.oldest(isWilling))
    if (willing !== undefined || (hasFresh && this.#held.length < MAX_STUBBORN)) return willing
    return this.#take(this.#held[0]) ?? spool?.oldest()
  }

  /** It has just been packed. */
  lend(parcel: Parcel): Parcel {
    this.#lent.add(parcel)
    return parcel
  }

  /** The server has met a bug, which may be this parcel's alone. */
  suspect({ id }: Parcel): void {
    this.#bugs.set(id, (this.#bugs.get(id) ?? 0) + 1)
  }

  /** Keeps a parcel for later. @returns whether it is safe on disk */
  async keep(parcel: Parcel): Promise<boolean> {
    if (isSpooled(parcel)) return true
    const isSafe = await this.#spool(parcel)
    this.#lent.delete(parcel)
    if (!isSafe) this.#held.push(parcel)
    return isSafe
  }

  /** What is held in memory, because there was no room on the disk, goes there now. @returns whether the disk takes more */
  async keepHeld(): Promise<boolean> {
    for (let parcel = this.#take(this.#held[0]); parcel; parcel = this.#take(this.#held[0])) {
      if (!(await this.keep(parcel))) return false
    }
    return this.hasSpool
  }

  /** The server has accepted it, but for so many of its events. */
  async accept(parcel: Parcel, rejected: number): Promise<void> {
    const tally = { events: parcel.events - rejected, counted: parcel.counted }
    const { ledger, spool } = this.#parts
    this.#settle(parcel)
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
    this.#settle(parcel)
    if (isSpooled(parcel)) await this.#parts.spool?.remove(parcel)
    this.#parts.ledger.tellLater(parcel.dropped)
    this.#drop(reason, parcel.events + parcel.counted, parcel)
  }

  /** Smaller ones go in its place. */
  async replace(parcel: Parcel, smaller: readonly Parcel[]): Promise<void> {
    this.#settle(parcel)
    if (isSpooled(parcel)) {
      await this.#parts.spool?.remove(parcel)
      if (!parcel.isForeign) this.#parts.ledger.unspool(parcel)
    }
    this.#held.unshift(...smaller)
  }

  /** At the end: what is held goes to disk, or is given up. */
  async close(): Promise<void> {
    await this.keepHeld()
    for (const parcel of this.#held) await this.giveUp(parcel, 'closed')
    this.#held = []
    await this.#parts.spool?.close()
  }

  /** The same when nothing can be waited for. */
  closeNow(more: readonly Parcel[]): void {
    const { spool, complain } = this.#parts
    for (const parcel of [...this.#held, ...this.#lent, ...more]) {
      try {
        if (!isSpooled(parcel)) spool?.addNow(parcel)
      } catch (error) {
        complain('the spool cannot be written, and events are lost', error)
      }
    }
    spool?.closeNow()
  }

  #take(held: Parcel | undefined): Parcel | undefined {
    if (held === undefined) return undefined
    this.#held = this.#held.filter((parcel) => parcel !== held)
    return this.lend(held)
  }

  async #spool(parcel: Parcel): Promise<boolean> {
    const { spool, ledger, complain } = this.#parts
    if (spool === undefined) return false
    try {
      await spool.add(parcel)
      ledger.spool(parcel)
      return true
    } catch (error) {
      complain('the spool cannot be written, and events wait in memory', error)
      return false
    }
  }

  #settle(parcel: Parcel): void {
    this.#lent.delete(parcel)
    this.#bugs.delete(parcel.id)
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
