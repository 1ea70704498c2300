import { isDiskError } from './is-disk-error.js'
import type { QueueRows } from './queue-rows.js'

/** How long a body may outlive its digestion. Trimming and emptying the log after every single body would cost more than the bodies. */
const DELAY_MS = 200
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
  #isWritable = true
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(rows: QueueRows, listener: TrimListener) {
    this.#rows = rows
    this.#listener = listener
  }

  trim(upTo: number, keep: readonly number[]): void {
    this.#upTo = Math.max(this.#upTo, upTo)
    for (const position of keep) this.#keep.add(position)
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
      if (!isDiskError(error)) throw error // else the next start trims
    }
  }

  #plan(): void {
    this.#isLogClean = false
    this.#timer ??= setTimeout(() => this.#turn(), DELAY_MS).unref()
  }

  #turn(): void {
    this.#timer = undefined
    if (this.#isClosed) return
    try {
      const isMore = this.#forgetSome()
      this.#isWritable = true
      if (isMore) {
        setImmediate(() => this.#turn())
        return
      }
      // Kept bodies stay unscrubbed in the file; of the others nothing is left, in the log neither.
      if (this.#listener.isQueueEmpty() && !this.#isLogClean) this.#isLogClean = this.#rows.checkpoint()
      if (this.#listener.isQueueEmpty() && !this.#isLogClean) this.#plan()
    } catch (error) {
      if (!isDiskError(error)) throw error
      if (this.#isWritable) this.#listener.onUnwritable(error)
      this.#isWritable = false
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
