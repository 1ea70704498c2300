import type { Queue, QueueLength } from './queue/queue.js'
import type { OutcomeCount, Remote, StoreReader } from './store/store.js'

const ATTEMPTS = 50
const PAUSE_MS = 10

/** `received = Σ outcomes + pending.events` */
export interface Books {
  /** Events ever received, by project. */
  received: Map<number, number>
  outcomes: OutcomeCount[]
  pending: QueueLength
}

export interface BookKeeping {
  queue: Pick<Queue, 'received' | 'length'>
  reads: Pick<Remote<StoreReader>, 'position' | 'outcomes'>
  /** The position that the queue's length counts from. */
  digestedTo(): number
}

/**
 * Both databases at one moment: that in which the outcomes are those of the very position that the queue's length counts from.
 * Another thread moves the position, so this looks until that is so.
 * @throws Error when it never was, in half a second of attempts
 */
export async function readBooks({ queue, reads, digestedTo }: BookKeeping): Promise<Books> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [before, outcomes, after] = await Promise.all([
      reads.position(),
      reads.outcomes({}),
      reads.position(),
    ])
    const isOneMoment = before === after && after === digestedTo()
    if (isOneMoment) return { received: queue.received(), outcomes, pending: queue.length() }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  throw new Error('The position of the queue does not stand still long enough to count.')
}
