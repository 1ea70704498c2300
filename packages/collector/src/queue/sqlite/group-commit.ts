import { isOutage } from '../outage.js'
import { type NewBody, QueueFull } from '../queue.js'
import type { QueueRows } from './queue-rows.js'

/** Of one commit: it holds up the thread that answers requests. */
const GROUP_BYTES = 1_048_576

interface Waiting {
  body: NewBody
  resolve(position: number): void
  reject(error: unknown): void
}

export interface CommitListener {
  onCommitted(bodies: readonly NewBody[], received: ReadonlyMap<number, number>): void
  /** Called with the first of several failures. */
  onUnwritable(cause: unknown): void
}

/**
 * Clocks itself: a commit takes all that has come while the one before was under way, so that one write to the disk is shared by
 * the more bodies the more there are, and a single one never waits for others.
 */
export class GroupCommit {
  readonly #rows: QueueRows
  readonly #listener: CommitListener
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #isScheduled = false
  #isWritable = true
  #isClosed = false
  #onIdle: (() => void) | undefined

  constructor(rows: QueueRows, listener: CommitListener) {
    this.#rows = rows
    this.#listener = listener
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  append(body: NewBody): Promise<number> {
    if (this.#isClosed) return Promise.reject(new QueueFull('disk'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ body, resolve, reject })
      this.#waitingBytes += body.bytes.length
      this.#schedule()
    })
  }

  /** Resolves once nothing waits. */
  close(): Promise<void> {
    this.#isClosed = true
    if (!this.#isScheduled) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onIdle = resolve
    })
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#commit(this.#takeGroup())
      if (this.#waiting.length > 0) this.#schedule()
      else this.#onIdle?.()
    })
  }

  #takeGroup(): Waiting[] {
    let count = 0
    let sizeBytes = 0
    for (const { body } of this.#waiting) {
      if (count > 0 && sizeBytes + body.bytes.length > GROUP_BYTES) break
      count++
      sizeBytes += body.bytes.length
    }
    this.#waitingBytes -= sizeBytes
    return this.#waiting.splice(0, count)
  }

  #commit(group: readonly Waiting[]): void {
    const bodies = group.map(({ body }) => body)
    const received = eventsByProject(bodies)
    let position: number
    try {
      position = this.#rows.append(bodies, received)
    } catch (cause) {
      const mayPass = isOutage(cause)
      if (mayPass && this.#isWritable) this.#listener.onUnwritable(cause)
      this.#isWritable = !mayPass
      const error = mayPass ? new QueueFull('disk', { cause }) : cause
      for (const { reject } of group) reject(error)
      return
    }
    this.#isWritable = true
    this.#listener.onCommitted(bodies, received)
    for (const { resolve } of group) resolve(position++)
  }
}

function eventsByProject(bodies: readonly NewBody[]): Map<number, number> {
  const events = new Map<number, number>()
  for (const { projectId, eventCount } of bodies) {
    events.set(projectId, (events.get(projectId) ?? 0) + eventCount)
  }
  return events
}
