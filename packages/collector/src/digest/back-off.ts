const FIRST_MS = 100
const MOST_MS = 10_000

export interface BackOffParts {
  /** Resolves after that time, or as soon as the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  log: DigestLog
  /** Is told when it begins to wait, and that it does no more. */
  onWaiting?(isWaiting: boolean): void
}

export interface DigestLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Waits longer each time that a database fails, and says the first failure and the end of it. */
export class BackOff {
  readonly #parts: BackOffParts
  #failures = 0

  constructor(parts: BackOffParts) {
    this.#parts = parts
  }

  fail(error: unknown, signal: AbortSignal): Promise<void> {
    const waitMs = Math.min(FIRST_MS * 2 ** this.#failures, MOST_MS)
    if (this.#failures === 0) {
      this.#parts.onWaiting?.(true)
      this.#parts.log.error(
        { err: error },
        'digest waits: a database fails; nothing is lost, it is tried again',
      )
    }
    this.#failures++
    return this.#parts.sleep(waitMs, signal)
  }

  succeed(): void {
    if (this.#failures === 0) return
    this.#parts.onWaiting?.(false)
    this.#parts.log.info({ attempts: this.#failures }, 'digest goes on')
    this.#failures = 0
  }
}
