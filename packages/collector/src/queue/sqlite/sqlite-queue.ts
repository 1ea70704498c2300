import { type NewBody, type Queue, QueueFull, type QueueLength } from '../queue.js'
import { GroupCommit } from './group-commit.js'
import type { QueueRows } from './queue-rows.js'
import { Trimmer } from './trimmer.js'

/** The writer of the queue: bodies become durable in groups, and are forgotten in slices between them. */
export class SqliteQueue implements Queue {
  readonly #rows: QueueRows
  readonly #limitBytes: number
  readonly #commits: GroupCommit
  readonly #trimmer: Trimmer
  readonly #received: Map<number, number>
  readonly #length: QueueLength
  #digestedTo = 0
  #closing: Promise<void> | undefined

  constructor(rows: QueueRows, limitBytes: number) {
    this.#rows = rows
    this.#limitBytes = limitBytes
    this.#received = rows.received()
    this.#length = rows.lengthOf(0, rows.lastPosition)
    this.#commits = new GroupCommit(rows, (bodies, received) => this.#count(bodies, received))
    this.#trimmer = new Trimmer(rows, () => this.#length.bodies === 0)
  }

  append(body: NewBody): Promise<number> {
    const afterwards = this.#length.bytes + this.#commits.waitingBytes + body.bytes.length
    if (afterwards > this.#limitBytes) return Promise.reject(new QueueFull('limit'))
    return this.#commits.append(body)
  }

  length(): QueueLength {
    return { ...this.#length }
  }

  received(): Map<number, number> {
    return new Map(this.#received)
  }

  trim(upTo: number, keep: readonly number[]): void {
    if (upTo > this.#digestedTo) this.#subtract(upTo)
    this.#trimmer.trim(upTo, keep)
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
    this.#trimmer.close()
    this.#rows.close()
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
    const digested = this.#rows.lengthOf(this.#digestedTo, upTo)
    this.#length.bodies -= digested.bodies
    this.#length.events -= digested.events
    this.#length.bytes -= digested.bytes
    this.#digestedTo = upTo
    // The store is ahead when the queue's file was lost: what comes now must come behind what it has seen.
    if (upTo > this.#rows.lastPosition) this.#rows.skipTo(upTo)
  }
}
