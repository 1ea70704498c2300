import type { ErrorReport, RepeatedError } from '@faultline/core'
import type { Repeat } from '@faultline/protocol'

const WINDOW_MS = 60_000
/** Kinds of errors that are followed at once; beyond them, memory's own limit has to do. */
const MAX_KINDS = 1000
const KEY_LENGTH = 2048
/** Kinds of earlier minutes that wait to be told, and repeats told at once. */
const MAX_ENDED = 10_000
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
  readonly #onLost: (count: number) => void
  #kinds = new Map<string, Kind>()
  /** Of earlier minutes, with something still to tell. */
  #ended: Kind[] = []
  #windowStartedMs = Number.NEGATIVE_INFINITY
  #remembered: CountedError[] = []
  /** Of all kinds together. */
  #pending = 0

  /**
   * @param limit Equal errors a minute that are sent.
   * @param onLost Hears how many counts were given up, because too many kinds waited to be told.
   */
  constructor(limit: number, onLost: (count: number) => void = () => undefined) {
    this.#limit = limit
    this.#onLost = onLost
  }

  /** The newest 100 that were counted. */
  get lastCounted(): readonly CountedError[] {
    return this.#remembered.slice(-REMEMBERED)
  }

  get hasPending(): boolean {
    return this.#pending > 0
  }

  /**
   * @param nowMs of a clock that never jumps
   * @returns Its kind if it is to be sent, `undefined` if it was counted.
   */
  admit(report: ErrorReport, nowMs: number): Kind | undefined {
    if (nowMs - this.#windowStartedMs >= WINDOW_MS) this.#beginWindow(nowMs)
    const key = kindKey(report)
    const kind = this.#kinds.get(key)
    if (kind === undefined) return this.#follow(key, report)
    if (kind.seen++ < this.#limit) return kind
    this.#count(kind, report.id, report.occurredAt)
    return undefined
  }

  /** Counts one more of a kind that has its fill for this minute. @returns whether it did */
  countRepeat(error: RepeatedError, nowMs: number): boolean {
    if (nowMs - this.#windowStartedMs >= WINDOW_MS) return false
    const kind = this.#kinds.get(keyOf(error.type, error.code, error.stack) ?? '')
    if (kind === undefined || kind.seen < this.#limit) return false
    this.#count(kind, error.id, new Date().toISOString())
    return true
  }

  /** What can be told now; it is not offered again. */
  takeRepeats(): Repeat[] {
    const repeats: Repeat[] = []
    const take = (kind: Kind) => {
      if (kind.pending === 0 || !kind.isUnderWay || repeats.length >= MAX_ENDED) return
      repeats.push({ eventId: kind.eventId, count: kind.pending, until: kind.until })
      this.#clear(kind)
    }
    for (const kind of this.#ended) take(kind)
    for (const kind of this.#kinds.values()) take(kind)
    this.#ended = this.#ended.filter((kind) => kind.pending > 0)
    return repeats
  }

  /** The event of this kind was given up. @returns How many were counted under it, and go with it. */
  giveUp(kind: Kind): number {
    if (this.#kinds.get(kind.key) === kind) this.#kinds.delete(kind.key)
    return this.#clear(kind)
  }

  #clear(kind: Kind): number {
    const { pending } = kind
    this.#pending -= pending
    kind.pending = 0
    return pending
  }

  #count(kind: Kind, id: string, occurredAt: string): void {
    kind.pending++
    this.#pending++
    kind.until = occurredAt
    this.#remember({ id, eventId: kind.eventId })
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
    for (const kind of this.#ended.splice(0, Math.max(0, this.#ended.length - MAX_ENDED)))
      this.#onLost(this.#clear(kind))
  }

  #remember(counted: CountedError): void {
    this.#remembered.push(counted)
    if (this.#remembered.length >= 2 * REMEMBERED) this.#remembered = this.#remembered.slice(-REMEMBERED)
  }
}

function kindKey({ exceptions: [thrown], message, fingerprint }: ErrorReport): string {
  const key =
    keyOf(thrown?.type, thrown?.code, thrown?.stack) ?? `${thrown?.type} ${message}`.slice(0, KEY_LENGTH)
  return fingerprint === undefined ? key : `${fingerprint} ${key}`
}

/** Type, code and frames as they stand there; `undefined` without frames: then the message, which often holds an id, counts too. */
function keyOf(type: unknown, code: unknown, stack = ''): string | undefined {
  const at = stack.indexOf(FIRST_FRAME)
  return at === -1 ? undefined : `${type} ${code}${stack.slice(at, at + KEY_LENGTH)}`
}
