import type { Drop } from '@faultline/protocol'

/** Why an error was given up. */
export type DropReason =
  /** `sampleRate` said so. */
  | 'sampled'
  /** `ignoreErrors` said so. */
  | 'ignored'
  /** `beforeSend` returned null. */
  | 'before_send'
  /** More was waiting than memory may hold. */
  | 'memory'
  /** More was on disk than the spool may hold. */
  | 'spool_full'
  /** Its file on disk was gone: deleted, or taken over by a process that took this one for dead. */
  | 'spool_gone'
  /** The collector refused it. */
  | 'refused'
  /** The collector, or something before it, takes no event of this size. */
  | 'too_large'
  /** It could not be built: a bug of ours. */
  | 'failed'
  /** It came after `close`, or could not be sent in its time. */
  | 'closed'

/** What became of every error that was reported: `reported = sent + counted + spooled + waiting + all dropped`, at any moment. */
export interface ReporterStats {
  reported: number
  /** In memory, or on its way. */
  waiting: number
  /** Accepted by the collector, as events. */
  sent: number
  /** Accepted by the collector, as a number beside an equal event. */
  counted: number
  /** On disk. */
  spooled: number
  dropped: Partial<Record<DropReason, number>>
  /** Left on disk by earlier processes, and sent by this one; in none of the numbers above. */
  recovered: number
}

/** How many errors something stands for. */
export interface Tally {
  events: number
  counted: number
}

/** Where errors are: in memory, on disk, or in the books of the earlier process that left them. */
export type Place = 'waiting' | 'spooled' | 'foreign'

/** The books of a reporter. Every error is in one column, always. */
export class Ledger {
  readonly #stats: ReporterStats = {
    reported: 0,
    waiting: 0,
    sent: 0,
    counted: 0,
    spooled: 0,
    dropped: {},
    recovered: 0,
  }
  /** What the collector has not been told yet. */
  readonly #untold = new Map<string, number>()

  get stats(): ReporterStats {
    return { ...this.#stats, dropped: { ...this.#stats.dropped } }
  }

  get hasUntoldDrops(): boolean {
    return this.#untold.size > 0
  }

  report(): void {
    this.#stats.reported++
    this.#stats.waiting++
  }

  deliver({ events, counted }: Tally, from: Place): void {
    if (from === 'foreign') {
      this.#stats.recovered += events + counted
      return
    }
    this.#stats[from] -= events + counted
    this.#stats.sent += events
    this.#stats.counted += counted
  }

  /** From memory to disk, or back. */
  move({ events, counted }: Tally, from: Place, to: Place): void {
    if (from !== 'foreign') this.#stats[from] -= events + counted
    if (to !== 'foreign') this.#stats[to] += events + counted
  }

  drop(reason: DropReason, count: number, from: Place = 'waiting'): void {
    if (count === 0) return
    this.tellLater([{ reason, count }])
    if (from === 'foreign') return
    this.#stats[from] -= count
    this.#stats.dropped[reason] = (this.#stats.dropped[reason] ?? 0) + count
  }

  /** Drops for the next batch; they are not offered again. */
  takeUntold(): Drop[] {
    const drops = [...this.#untold].map(([reason, count]) => ({ reason, count }))
    this.#untold.clear()
    return drops
  }

  /** Drops that a batch was to tell of, and did not. */
  tellLater(drops: readonly Drop[]): void {
    for (const { reason, count } of drops) this.#untold.set(reason, (this.#untold.get(reason) ?? 0) + count)
  }
}
