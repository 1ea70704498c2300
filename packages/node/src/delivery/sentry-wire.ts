import type { Drop, Repeat } from '@faultline/protocol'
import type { DropReason } from './ledger.js'
import { sentryEvent } from './sentry-event.js'
import type { Contents, Wire } from './wire.js'

/** Sentry's names for what we could not send. @see https://develop.sentry.dev/sdk/telemetry/client-reports/ */
const DISCARD_REASONS: Readonly<Record<DropReason, string>> = {
  sampled: 'sample_rate',
  ignored: 'event_processor',
  before_send: 'before_send',
  memory: 'queue_overflow',
  spool_full: 'cache_overflow',
  spool_gone: 'cache_overflow',
  refused: 'send_error',
  too_large: 'send_error',
  failed: 'event_processor',
  closed: 'queue_overflow',
}

/**
 * Sentry's protocol, for any server that speaks it: one event in an envelope. It has no word for repeats and request counts: the
 * former go as discarded events, the latter not at all.
 * @see https://develop.sentry.dev/sdk/data-model/envelopes/
 */
export const sentryWire: Wire = {
  name: 'sentry',
  maxEvents: 1,
  pathOf: ({ projectId }) => `/api/${projectId}/envelope/`,
  headersOf: ({ publicKey }) => ({
    'x-sentry-auth': `Sentry sentry_version=7, sentry_client=faultline/1, sentry_key=${publicKey}`,
    'content-type': 'application/x-sentry-envelope',
  }),
  encodeEvent: (event) => JSON.stringify(sentryEvent(event)),
  encode(contents) {
    const [event] = contents.events
    const header = { ...(event && { event_id: sentryId(event.id) }), sent_at: new Date().toISOString() }
    const items = contents.events.map(({ text }) => item('event', text))
    const discarded = discardedEvents(contents)
    if (discarded.length > 0) {
      const timestamp = Date.now() / 1000
      items.push(item('client_report', JSON.stringify({ timestamp, discarded_events: discarded })))
    }
    return [JSON.stringify(header), ...items].join('\n')
  },
  halve: () => undefined,
  // Servers differ in their answers; one that answers with a page of HTML is none.
  understand: (answer) => (/^\s*(?:\{|$)/.test(answer) ? { rejected: [] } : undefined),
}

function sentryId(id: string): string {
  return id.replaceAll('-', '')
}

function item(type: string, payload: string): string {
  return `${JSON.stringify({ type })}\n${payload}`
}

function discardedEvents({ repeats, dropped }: Pick<Contents, 'repeats' | 'dropped'>) {
  const all = [...dropped.map(reasonOf), ...repeats.map(repeatReason)]
  return all.map(({ reason, count }) => ({ reason, category: 'error', quantity: count }))
}

function reasonOf({ reason, count }: Drop): Drop {
  return { reason: DISCARD_REASONS[reason as DropReason] ?? 'event_processor', count }
}

function repeatReason({ count }: Repeat): Drop {
  return { reason: 'ratelimit_backoff', count }
}
