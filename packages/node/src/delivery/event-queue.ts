import type { QueuedReport } from '../event/build-event.js'
import type { Kind } from './storm-control.js'

/** A report that waits to be packed. */
export interface Waiting {
  report: QueuedReport
  /** About what it holds of memory. */
  bytes: number
  kind: Kind
}

/**
 * What waits in memory, oldest first, in so many bytes. When it is full, the first error of each kind stays, and the oldest of the
 * others goes.
 */
export class EventQueue {
  readonly #maxBytes: number
  readonly #firsts: Fifo<Numbered> = new Fifo()
  readonly #others: Fifo<Numbered> = new Fifo()
  #bytes = 0
  #number = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get length(): number {
    return this.#firsts.length + this.#others.length
  }

  get bytes(): number {
    return this.#bytes
  }

  get isHalfFull(): boolean {
    return this.#bytes > this.#maxBytes / 2
  }

  /** @returns What had no room: older ones, or this one. */
  push(waiting: Waiting): Waiting[] {
    if (waiting.bytes > this.#maxBytes) return [waiting] // it would drive out all the others, and then itself
    const isFirst = waiting.kind.eventId === waiting.report.id
    const fifo = isFirst ? this.#firsts : this.#others
    fifo.push({ waiting, number: this.#number++ })
    this.#bytes += waiting.bytes
    const out: Waiting[] = []
    while (this.#bytes > this.#maxBytes) out.push(this.#evict())
    return out
  }

  /** The oldest, so many at most, and not many more bytes. */
  take(count: number, bytes: number): Waiting[] {
    const taken: Waiting[] = []
    let left = bytes
    while (taken.length < count && left > 0) {
      const next = this.#shiftOldest()
      if (next === undefined) break
      left -= next.bytes
      taken.push(next)
    }
    return taken
  }

  #shiftOldest(): Waiting | undefined {
    const first = this.#firsts.peek()
    const other = this.#others.peek()
    const isFirstOlder =
      (first?.number ?? Number.POSITIVE_INFINITY) < (other?.number ?? Number.POSITIVE_INFINITY)
    return this.#forget((isFirstOlder ? this.#firsts : this.#others).shift())
  }

  #evict(): Waiting {
    const fifo = this.#others.length > 0 ? this.#others.shift() : this.#firsts.pop()
    return this.#forget(fifo) as Waiting
  }

  #forget(numbered: Numbered | undefined): Waiting | undefined {
    if (numbered !== undefined) this.#bytes -= numbered.waiting.bytes
    return numbered?.waiting
  }
}

interface Numbered {
  waiting: Waiting
  /** Order of arrival. */
  number: number
}

const COMPACT_AT = 1024

/** An array whose beginning can be taken off cheaply. */
class Fifo<Item> {
  #items: (Item | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  peek(): Item | undefined {
    return this.#items[this.#head]
  }

  pop(): Item | undefined {
    return this.length === 0 ? undefined : this.#items.pop()
  }

  shift(): Item | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
