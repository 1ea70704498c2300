const MINUTE_MS = 60_000

interface Bucket {
  /** Below zero after a body with more events than there was room for. */
  level: number
  filledAtMs: number
}

/** A token bucket for each project: so many events a minute, and as many at once. Times are milliseconds of a clock that never goes back. */
export class RateLimit {
  readonly #capacity: number
  readonly #buckets = new Map<number, Bucket>()

  /** @param eventsPerMinute at least 1 */
  constructor(eventsPerMinute: number | 'off') {
    this.#capacity = eventsPerMinute === 'off' ? Number.POSITIVE_INFINITY : eventsPerMinute
  }

  /** Whole seconds until there is room for one event; 0 when there is. */
  waitSeconds(projectId: number, clockMs: number): number {
    if (this.#capacity === Number.POSITIVE_INFINITY) return 0
    const { level } = this.#fill(projectId, clockMs)
    return level >= 1 ? 0 : Math.ceil(((1 - level) * MINUTE_MS) / this.#capacity / 1000)
  }

  /** What has come is known only after it has been read: the next one pays for what was too much. */
  take(projectId: number, events: number, clockMs: number): void {
    if (this.#capacity !== Number.POSITIVE_INFINITY) this.#fill(projectId, clockMs).level -= events
  }

  #fill(projectId: number, clockMs: number): Bucket {
    const bucket = this.#buckets.get(projectId)
    if (bucket === undefined) {
      const full = { level: this.#capacity, filledAtMs: clockMs }
      this.#buckets.set(projectId, full)
      return full
    }
    const passedMs = clockMs - bucket.filledAtMs
    bucket.level = Math.min(this.#capacity, bucket.level + (passedMs * this.#capacity) / MINUTE_MS)
    bucket.filledAtMs = clockMs
    return bucket
  }
}
