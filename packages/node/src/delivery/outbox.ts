import type { Complain } from '../complaints.js'
import type { DropReason, Ledger, Place } from './ledger.js'
import type { Parcel } from './parcel.js'
import type { Spool, SpooledParcel } from './spool.js'
import type { StormControl } from './storm-control.js'

/** So often, and a parcel no longer keeps the others waiting. */
const STUBBORN_BUGS = 5
/** Parcels in memory that fail again and again; beyond them, fresh ones wait in the queue. */
const MAX_STUBBORN = 10

const MAX_SUSPECTS = 1000

export interface OutboxParts {
  ledger: Ledger
  storm: StormControl
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

  /** Parcels wait in memory for another attempt. */
  get hasHeld(): boolean {
    return this.#held.length > 0
  }

  /** Parcels are in memory, be they held or in somebody's hands. */
  get isInMemory(): boolean {
    return this.#held.length + this.#lent.size > 0
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
    if (this.#bugs.size >= MAX_SUSPECTS) this.#bugs.clear()
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

  /** The server has accepted it, but for the events at these indexes. */
  async accept(parcel: Parcel, rejected: readonly number[]): Promise<void> {
    const { ledger } = this.#parts
    ledger.deliver({ events: parcel.events - rejected.length, counted: parcel.counted }, placeOf(parcel))
    ledger.drop('refused', rejected.length, placeOf(parcel))
    this.#loseCarried(parcel, 'refused', (index) => rejected.includes(index))
    await this.#settle(parcel)
  }

  /** Nobody will ever accept it. */
  async giveUp(parcel: Parcel, reason: DropReason): Promise<void> {
    const { ledger } = this.#parts
    ledger.tellLater(parcel.dropped)
    ledger.drop(reason, parcel.events + parcel.counted, placeOf(parcel))
    this.#loseCarried(parcel, reason, () => true)
    await this.#settle(parcel)
  }

  /** Smaller ones go in its place. One that is on disk stays there until they are. */
  async replace(parcel: Parcel, smaller: readonly Parcel[]): Promise<void> {
    this.#parts.ledger.move(parcel, placeOf(parcel), parcel.isForeign ? 'foreign' : 'waiting')
    if (isSpooled(parcel)) for (const one of smaller) await this.keep(this.lend(one))
    else this.#held.unshift(...smaller)
    await this.#settle(parcel)
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
    const { spool, ledger, complain } = this.#parts
    const inMemory = [...this.#held, ...this.#lent, ...more]
    this.#held = []
    this.#lent.clear()
    for (const parcel of inMemory) {
      try {
        spool?.addNow(parcel)
        if (!parcel.isForeign) ledger.move(parcel, 'waiting', 'spooled')
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
      ledger.move(parcel, parcel.isForeign ? 'foreign' : 'waiting', parcel.isForeign ? 'foreign' : 'spooled')
      return true
    } catch (error) {
      complain('the spool cannot be written, and events wait in memory', error)
      return false
    }
  }

  async #settle(parcel: Parcel): Promise<void> {
    this.#lent.delete(parcel)
    this.#bugs.delete(parcel.id)
    if (isSpooled(parcel)) await this.#parts.spool?.remove(parcel)
  }

  /** What was counted under an event that is lost would be counted under nothing. */
  #loseCarried({ carried }: Parcel, reason: DropReason, isLost: (index: number) => boolean): void {
    const { storm, ledger } = this.#parts
    for (const [index, kind] of carried) if (isLost(index)) ledger.drop(reason, storm.giveUp(kind))
  }
}

function isSpooled(parcel: Parcel): parcel is Parcel & SpooledParcel {
  return 'fileName' in parcel
}

function placeOf(parcel: Parcel): Place {
  if (parcel.isForeign) return 'foreign'
  return isSpooled(parcel) ? 'spooled' : 'waiting'
}
