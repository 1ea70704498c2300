/** How long to wait after failures. */
export interface BackOffLimits {
  /** After the first failure, about. */
  minDelayMs: number
  /** After many. */
  maxDelayMs: number
}

/** Nobody has to be obeyed for longer. */
const MOST_OBEYED_MS = 3_600_000

/**
 * When the collector may be asked again: after a failure each delay is twice the one before, with jitter, and one attempt at its end
 * decides (a circuit breaker that opens at the first failure). What the collector itself asks for is obeyed.
 */
export class BackOff {
  readonly #limits: BackOffLimits
  readonly #random: () => number
  #failures = 0
  #untilMs = 0
  #orderedUntilMs = 0

  constructor(limits: BackOffLimits, random: () => number = Math.random) {
    this.#limits = limits
    this.#random = random
  }

  /** Has the collector itself asked for silence at this moment? */
  isOrdered(nowMs: number): boolean {
    return nowMs < this.#orderedUntilMs
  }

  /** Milliseconds to wait; 0 when an attempt may be made. @param nowMs of a clock that never jumps */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#untilMs - nowMs)
  }

  succeed(): void {
    this.#failures = 0
    this.#untilMs = 0
    this.#orderedUntilMs = 0
  }

  fail(nowMs: number, retryAfterMs?: number): void {
    this.#failures++
    const { minDelayMs, maxDelayMs } = this.#limits
    const delay = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(30, this.#failures - 1))
    const jittered = delay * (0.5 + this.#random() / 2)
    this.#pause(nowMs, retryAfterMs, jittered)
  }

  /** The collector took it, and asks for a pause. */
  obey(nowMs: number, retryAfterMs: number): void {
    this.#pause(nowMs, retryAfterMs, 0)
  }

  #pause(nowMs: number, orderedMs: number | undefined, ownMs: number): void {
    this.#orderedUntilMs = nowMs + Math.min(orderedMs ?? 0, MOST_OBEYED_MS)
    this.#untilMs = Math.max(nowMs + ownMs, this.#orderedUntilMs)
  }
}
