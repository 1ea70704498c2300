import type { Queue } from './queue/queue.js'

/** How exact the lag is. */
const GRAIN_MS = 1000
/** Whoever waits so long waits for somebody to look after it: a transaction takes less than a second. */
const STUCK_SECONDS = 300

export interface WatchedQueue extends Queue {
  /** Tells of each body that has become durable, and how long that took. */
  onAppended(listener: (seconds: number) => void): void
  /** Up to here it is digested, as far as this thread has heard. */
  digestedTo(): number
  /** How long the oldest body that is not digested has waited: to a second, and since this process began. */
  lagSeconds(): number
  /** A sentence, while digest does not get on. */
  trouble(): string | undefined
}

/**
 * The same queue, and what metrics and health want to know of it.
 * @param clock milliseconds; only differences count
 */
export function watchQueue(queue: Queue, clock: () => number): WatchedQueue {
  const listeners: ((seconds: number) => void)[] = []
  /** Bodies by position, one a second at most. */
  const waiting: { position: number; sinceMs: number }[] = []
  let digestedTo = 0

  const noteWaiting = (position: number, nowMs: number) => {
    const last = waiting.at(-1)
    if (position <= digestedTo || (last !== undefined && nowMs - last.sinceMs < GRAIN_MS)) return
    waiting.push({ position, sinceMs: nowMs })
  }
  const lagSeconds = () => (waiting[0] === undefined ? 0 : (clock() - waiting[0].sinceMs) / 1000)
  return {
    async append(body) {
      const startedMs = clock()
      const position = await queue.append(body)
      const nowMs = clock()
      noteWaiting(position, nowMs)
      for (const listener of listeners) listener((nowMs - startedMs) / 1000)
      return position
    },
    trim(upTo, keep) {
      digestedTo = Math.max(digestedTo, upTo)
      while (waiting[0] !== undefined && waiting[0].position <= digestedTo) waiting.shift()
      queue.trim(upTo, keep)
    },
    length: () => queue.length(),
    received: () => queue.received(),
    release: (position) => queue.release(position),
    close: () => queue.close(),
    onAppended: (listener) => void listeners.push(listener),
    digestedTo: () => digestedTo,
    lagSeconds,
    trouble() {
      const minutes = Math.floor(lagSeconds() / 60)
      return lagSeconds() < STUCK_SECONDS
        ? undefined
        : `Events have waited for ${minutes} minutes to be digested: the log says why.`
    },
  }
}
