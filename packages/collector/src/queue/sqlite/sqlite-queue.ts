import { type NewBody, type Queue, QueueFull, type QueueLength } from '../queue.js'
import { GroupCommit } from './group-commit.js'
import type { QueueRows } from './queue-rows.js'
import { Trimmer } from './trimmer.js'

export interface QueueOptions {
  /** Of bodies that are not digested yet, and of those that dead letters are in. */
  limitBytes: number
  /** Why the file cannot be written, once for several failures: clients only hear that it cannot. */
  onUnwritable?(cause: unknown): void
}

/** The writer of the queue: bodies become durable in groups, and are forgotten in slices between them. */
export class SqliteQueue implements Queue {
  readonly #rows: QueueRows
  readonly #limitBytes: number
  readonly #commits: GroupCommit
  readonly #trimmer: Trimmer
  readonly #received: Map<number, number>
  readonly #length: QueueLength
  #digestedTo = 0
  /** Until the first trim, which names those of them that are still needed. */
  #keptAtStart: readonly number[]
  #closing: Promise<void> | undefined

  constructor(rows: QueueRows, { limitBytes, onUnwritable = () => undefined }: QueueOptions) {
    this.#rows = rows
    this.#limitBytes = limitBytes
    this.#received = rows.received()
    this.#keptAtStart = rows.keptPositions()
    this.#length = rows.lengthOf(0, rows.lastPosition)
    this.#commits = new GroupCommit(rows, {
      onCommitted: (bodies, received) => this.#count(bodies, received),
      onUnwritable,
    })
    this.#trimmer = new Trimmer(rows, { isQueueEmpty: () => this.#length.bodies === 0, onUnwritable })
  }

  append(body: NewBody): Promise<number> {
    const heldBytes = this.#length.bytes + this.#rows.keptBytes + this.#commits.waitingBytes
    if (heldBytes + body.bytes.length > this.#limitBytes) return Promise.reject(new QueueFull('limit'))
    return this.#commits.append(body)
  }

  length(): QueueLength {
    return { ...this.#length }
  }

  received(): Map<number, number> {
    return new Map(this.#received)
  }

  trim(upTo: number, keep: readonly number[]): void {
    // Named only this once: noted before anything can fail.
    this.#trimmer.keep(keep)
    this.#releaseOthers(keep)
    if (upTo > this.#digestedTo) this.#subtract(upTo)
    this.#trimmer.trim(upTo)
  }

  release(position: number): void {
    this.#trimmer.release(position)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#commits.close()
    try {
      this.#trimmer.close()
    } finally {
      this.#rows.close()
    }
  }

  #count(bodies: readonly NewBody[], received: ReadonlyMap<number, number>): void {
    for (const [projectId, events] of received) {
      this.#received.set(projectId, (this.#received.get(projectId) ?? 0) + events)
      this.#length.events += events
    }
    this.#length.bodies += bodies.length
    for (const { bytes } of bodies) this.#length.bytes += bytes.length
  }

  #subtract(upTo: number): void {
    // The store is ahead when the queue's file was lost: what comes now must come behind what it has seen.
    this.#rows.skipTo(upTo)
    const digested = this.#rows.lengthOf(this.#digestedTo, upTo)
    this.#length.bodies -= digested.bodies
    this.#length.events -= digested.events
    this.#length.bytes -= digested.bytes
    this.#digestedTo = upTo
  }

  /** The first trim of a start names all that is to be kept. A crash between the store's commit and `release` has left what is not. */
  #releaseOthers(keep: readonly number[]): void {
    const needed = new Set(keep)
    for (const position of this.#keptAtStart) if (!needed.has(position)) this.#trimmer.release(position)
    this.#keptAtStart = []
  }
}
