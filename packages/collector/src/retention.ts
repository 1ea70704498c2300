import type { CollectorConfig } from './config.js'
import { inSlices, type Pauses } from './in-slices.js'
import type { Forgotten, OldestLimit, StoreWriter } from './store/store.js'

const DAY_MS = 86_400_000
/** What comes in between two rounds is how far the size limit may be exceeded. */
const BETWEEN_ROUNDS_MS = 60_000
const SLICE = { ms: 25, fewest: 20, first: 200, most: 1000 }

export type DeletedBecause = 'age' | 'size'

export interface RetentionParts extends Pauses {
  config: Pick<CollectorConfig, 'retentionDays' | 'maxStoreBytes'>
  store: Pick<StoreWriter, 'forgetOldest' | 'usedBytes'>
  /** Milliseconds since 1970. */
  now(): number
  onDeleted(because: DeletedBecause, events: number): void
  log: Record<'info' | 'error', (details: object, message: string) => void>
}

/** Deletes what is too old, then what is too much, in slices that leave most of the time to digest. Ends with the signal. */
export async function startRetention(parts: RetentionParts): Promise<void> {
  const { signal, sleep, log } = parts
  while (!signal.aborted) {
    try {
      await sleep(0, signal)
      await inSlices(round(parts), parts)
    } catch (err) {
      if (!signal.aborted) log.error({ err }, 'Retention could not delete what is old; it tries again.')
    }
    await sleep(BETWEEN_ROUNDS_MS, signal)
  }
}

function* round({ config, store, now, clock, onDeleted, log }: RetentionParts): Generator<void, void> {
  const { retentionDays, maxStoreBytes = Number.POSITIVE_INFINITY } = config
  const deleted = { age: 0, size: 0, issues: 0, stacks: 0 }
  let events = SLICE.first
  const forget = (because: DeletedBecause, limit: Omit<OldestLimit, 'events'>): Forgotten => {
    const start = clock()
    const forgotten = store.forgetOldest({ ...limit, events })
    const isFull = forgotten.events === events
    if (isFull) events = within(SLICE, (events * SLICE.ms) / Math.max(clock() - start, 1))
    deleted[because] += forgotten.events
    deleted.issues += forgotten.issues
    deleted.stacks += forgotten.stacks
    if (forgotten.events > 0) onDeleted(because, forgotten.events)
    return forgotten
  }

  if (retentionDays !== 'off') {
    const before = now() - retentionDays * DAY_MS
    while (forget('age', { before }).isMore) yield
  }
  while (store.usedBytes() > maxStoreBytes && forget('size', {}).isMore) yield
  if (Object.values(deleted).some((count) => count > 0)) {
    log.info({ deleted }, 'Retention has deleted the oldest events.')
  }
}

function within({ fewest, most }: { fewest: number; most: number }, events: number): number {
  return Math.round(Math.min(Math.max(events, fewest), most))
}
