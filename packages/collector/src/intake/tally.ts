import type { IntakeProtocol, Queue } from '../queue/queue.js'
import type { Outcome, OutcomeCount } from '../store/store.js'

/** What intake refuses of a known project. */
export interface RefusedCount {
  projectId: number
  outcome: Outcome
  /** A word: `too_large`. */
  reason: string
  protocol: IntakeProtocol
}

/**
 * Counts what intake itself has refused, and hands it to the queue as bodies of their own, so that the books of received events and
 * outcomes agree. Until then it is in memory: what a crash takes from one side, it takes from the other.
 */
export class Tally {
  readonly #queue: Queue
  /** By project, and then by what makes them equal. */
  #counts = new Map<number, Map<string, OutcomeCount>>()

  constructor(queue: Queue) {
    this.#queue = queue
  }

  add({ projectId, outcome, reason, protocol }: RefusedCount, count = 1): void {
    const key = `${outcome} ${protocol} ${reason}`
    const ofProject = this.#counts.get(projectId) ?? new Map<string, OutcomeCount>()
    this.#counts.set(projectId, ofProject)
    const known = ofProject.get(key)
    if (known === undefined) ofProject.set(key, { projectId, outcome, reason, protocol, count })
    else known.count += count
  }

  /**
   * What the queue has no room for waits for the next flush.
   * @param now milliseconds since 1970
   * @throws what the queue throws, after every project has had its turn
   */
  async flush(now: number): Promise<void> {
    const counts = this.#counts
    this.#counts = new Map()
    const appending = [...counts].map(([projectId, ofProject]) =>
      this.#append(projectId, [...ofProject.values()], now),
    )
    const failed = (await Promise.allSettled(appending)).find(({ status }) => status === 'rejected')
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason
  }

  async #append(projectId: number, counts: OutcomeCount[], receivedAt: number): Promise<void> {
    try {
      await this.#queue.append({
        projectId,
        format: 'tally',
        encoding: 'identity',
        eventCount: counts.reduce((sum, { count }) => sum + count, 0),
        receivedAt,
        meta: {},
        bytes: Buffer.from(JSON.stringify(counts)),
      })
    } catch (error) {
      for (const one of counts) this.add(one, one.count)
      throw error
    }
  }
}
