import { BATCH_LIMITS } from '@faultline/protocol'
import { type EnvelopeItem, parseEvent } from '@faultline/protocol/sentry'
import type { DigestedBody } from '../../store/store.js'
import { wordOf } from './word.js'

/** Of one reason, in one body: as much as a batch of our own may claim. What is more is no mistake here: reports are never refused. */
const MOST_COUNTED = 2_147_483_647

/**
 * What a client says that it gave up. Errors by their reason; what is no error (`transaction:sample_rate`) must not look like one.
 * @see https://develop.sentry.dev/sdk/telemetry/client-reports/
 */
export function readClientReports(items: readonly EnvelopeItem[]): DigestedBody['dropped'] {
  const counts = new Map<string, number>()
  for (const { payload } of items) {
    const discarded = parseEvent(payload)?.discarded_events
    if (!Array.isArray(discarded)) continue
    for (const one of discarded.slice(0, BATCH_LIMITS.dropped)) count(one, counts)
  }
  return [...counts].slice(0, BATCH_LIMITS.dropped).map(([reason, count]) => ({ reason, count }))
}

function count(discarded: unknown, counts: Map<string, number>): void {
  const { reason, category, quantity } = (discarded ?? {}) as Record<string, unknown>
  if (!Number.isInteger(quantity) || (quantity as number) < 1) return
  const isError = category === undefined || category === 'error' || category === 'default'
  const word = isError ? wordOf(reason) : `${wordOf(category)}:${wordOf(reason)}`
  counts.set(word, Math.min((counts.get(word) ?? 0) + (quantity as number), MOST_COUNTED))
}
