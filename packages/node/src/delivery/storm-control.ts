import type { ErrorReport } from '@faultline/core'
import type { Repeat } from '@faultline/protocol'

const WINDOW_MS = 60_000
/** Kinds of errors that are followed at once; beyond them, memory's own limit has to do. */
const MAX_KINDS = 1000
const KEY_LENGTH = 1024
const REMEMBERED = 100
const FIRST_FRAME = '\n    at '

/** Equal errors of one minute. */
export interface Kind {
  readonly key: string
  /** The event that is sent, and that the others are counted under. */
  readonly eventId: string
  seen: number
  /** Counted, and not packed yet. */
  pending: number
  /** When the last one occurred. */
  until: string
  /** Its event is on its way: what is counted under it can follow. */
  isUnderWay: boolean
}

/** An error that was counted instead of sent, and the event it was counted under. */
export interface CountedError {
  id: string
  eventId: string
}

/**
 * Tells equal errors apart by the text of their stack, and has them counted when there are too many in a minute. It looks at no frame:
 * this runs while the service works.
 */
export class StormControl {
  readonly #limit: number
  #kinds = new Map<string, Kind>()
  /** Of earlier minutes, with something still to tell. */
  #ended: Kind[] = []
  #windowStartedMs = Number.NEGATIVE_INFINITY
  #remembered: CountedError[] = []

  /** @param limit Equal errors a minute that are sent. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The newest 100 that were counted. */
  get lastCounted(): readonly CountedError[] {
    return this.#remembered.slice(-REMEMBERED)
  }

  get hasPending(): boolean {
    return this.#ended.length > 0 || [...this.#kinds.values()].some((kind) => kind.pending > 0)
  }

  /**
   * @param nowMs of a clock that never jumps
   * @returns Its kind if it is to be sent, `undefined` if it was counted.
   */
  admit(report: ErrorReport, nowMs: number): Kind | undefined {
    if (nowMs - this.#windowStartedMs >= WINDOW_MS) this.#beginWindow(nowMs)
    const key = keyOf(report)
    const kind = this.#kinds.get(key)
    if (kind === undefined) return this.#follow(key, report)
    if (kind.seen++ < this.#limit) return kind
    kind.pending++
    kind.until = report.occurredAt
    this.#remember({ id: report.id, eventId: kind.eventId })
    return undefined
  }

  /** What can be told now; it is not offered again. */
  takeRepeats(): Repeat[] {
    const repeats: Repeat[] = []
    const take = (kind: Kind) => {
      if (kind.pending === 0 || !kind.isUnderWay) return
      repeats.push({ eventId: kind.eventId, count: kind.pending, until: kind.until })
      kind.pending = 0
    }
    for (const kind of this.#ended) take(kind)
    for (const kind of this.#kinds.values()) take(kind)
    this.#ended = this.#ended.filter((kind) => kind.pending > 0)
    return repeats
  }

  /** The event of this kind was given up. @returns How many were counted under it, and go with it. */
  giveUp(kind: Kind): number {
    if (this.#kinds.get(kind.key) === kind) this.#kinds.delete(kind.key)
    const lost = kind.pending
    kind.pending = 0
    return lost
  }

  #follow(key: string, report: ErrorReport): Kind {
    const kind = { key, eventId: report.id, seen: 1, pending: 0, until: report.occurredAt, isUnderWay: false }
    if (this.#kinds.size < MAX_KINDS) this.#kinds.set(key, kind)
    return kind
  }

  #beginWindow(nowMs: number): void {
    this.#windowStartedMs = nowMs
    for (const kind of this.#kinds.values()) if (kind.pending > 0) this.#ended.push(kind)
    this.#kinds = new Map()
  }

  #remember(counted: CountedError): void {
    this.#remembered.push(counted)
    if (this.#remembered.length >= 2 * REMEMBERED) this.#remembered = this.#remembered.slice(-REMEMBERED)
  }
}

/** The frames of the stack as they stand there; the message, which often holds an id, counts only where there are none. */
function keyOf({ exceptions, message }: ErrorReport): string {
  const stack = exceptions[0]?.stack ?? ''
  const at = stack.indexOf(FIRST_FRAME)
  const text = at === -1 ? `${exceptions[0]?.type} ${message}` : stack.slice(at, at + KEY_LENGTH)
  return text.slice(0, KEY_LENGTH)
}
