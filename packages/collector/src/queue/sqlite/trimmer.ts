import { isOutage } from '../outage.js'
import type { QueueRows } from './queue-rows.js'

/** How long a body may outlive its digestion. Trimming and emptying the log after every single body would cost more than the bodies. */
const DELAY_MS = 200
/** Between attempts that fail, each time twice as long: some failures pass in a moment, and a damaged file stays damaged. */
const MOST_DELAY_MS = 10_000
const RELEASES_AT_ONCE = 256

export interface TrimListener {
  isQueueEmpty(): boolean
  /** Called with the first of several failures. */
  onUnwritable(cause: unknown): void
}

/** Forgets what has been digested, a slice at a time, between the commits. */
export class Trimmer {
  readonly #rows: QueueRows
  readonly #listener: TrimListener
  readonly #keep = new Set<number>()
  #released: number[] = []
  #upTo = 0
  #isLogClean = false
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(rows: QueueRows, listener: TrimListener) {
    this.#rows = rows
    this.#listener = listener
  }

  /** Not to be forgotten by any trim that follows. */
  keep(positions: readonly number[]): void {
    for (const position of positions) this.#keep.add(position)
  }

  trim(upTo: number): void {
    this.#upTo = Math.max(this.#upTo, upTo)
    this.#plan()
  }

  release(position: number): void {
    this.#keep.delete(position)
    this.#released.push(position)
    this.#plan()
  }

  /** Does what is left to do, as far as it can be done. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    try {
      while (this.#forgetSome());
      if (this.#listener.isQueueEmpty()) this.#rows.checkpoint()
    } catch (error) {
      if (!isOutage(error)) throw error // else the next start trims
    }
  }

  #plan(): void {
    this.#isLogClean = false
    const delayMs = Math.min(DELAY_MS * 2 ** this.#failures, MOST_DELAY_MS)
    this.#timer ??= setTimeout(() => this.#turn(), delayMs).unref()
  }

  #turn(): void {
    this.#timer = undefined
    if (this.#isClosed) return
    try {
      const isMore = this.#forgetSome()
      if (isMore) {
        setImmediate(() => this.#turn())
        return
      }
      // Kept bodies stay unscrubbed in the file; of the others nothing is left, in the log neither.
      if (this.#listener.isQueueEmpty() && !this.#isLogClean) this.#isLogClean = this.#rows.checkpoint()
      this.#failures = 0
      if (this.#listener.isQueueEmpty() && !this.#isLogClean) this.#plan()
    } catch (error) {
      // A bug too: nobody is there to catch it, and clients can be served without trimming.
      if (this.#failures === 0) this.#listener.onUnwritable(error)
      this.#failures++
      this.#plan()
    }
  }

  /** @returns whether there was anything to forget */
  #forgetSome(): boolean {
    if (this.#released.length > 0) {
      this.#rows.release(this.#released.slice(0, RELEASES_AT_ONCE))
      this.#released.splice(0, RELEASES_AT_ONCE)
      return true
    }
    const end = this.#rows.trimSome(this.#upTo, this.#keep)
    for (const position of this.#keep) if (position <= end) this.#keep.delete(position)
    return end > 0
  }
}
