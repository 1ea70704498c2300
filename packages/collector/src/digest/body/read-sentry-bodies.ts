import {
  type EnvelopeItem,
  type EventPayload,
  type ItemKind,
  kindOf,
  parseEnvelope,
  parseEvent,
  parseSecurityReports,
  parseStore,
  readEventId,
} from '@faultline/protocol/sentry'
import type { OutcomeCount } from '../../store/store.js'
import { isFitJson } from '../normalise/mend-text.js'
import type { RawEvent } from '../prepare-event.js'
import { rawAttachment } from './attachments.js'
import { type BodyReading, type BodyToRead, contextOf, protocolOf } from './body-reading.js'
import { readClientReports } from './client-report.js'
import { readFeedback } from './feedback.js'
import { wordOf } from './word.js'

export function readEnvelopeBody(toRead: BodyToRead): BodyReading {
  const { header, items } = parseEnvelope(toRead.bytes)
  const itemsOf = (kind: ItemKind) => items.filter((item) => kindOf(item.header.type) === kind)
  const eventId = readEventId(header.event_id)
  const payloads = itemsOf('event').map(({ payload }) => parseEvent(payload))
  const first = payloads.findIndex((payload) => payload !== undefined)
  const isFit = isFitJson(toRead.bytes)

  return {
    eventId,
    events: payloads.flatMap((payload, index) =>
      payload === undefined
        ? []
        : [sentryEvent(toRead, { payload, index, isFit, isFirst: index === first, envelopeId: eventId })],
    ),
    attachments: itemsOf('attachment').map(rawAttachment),
    feedback: itemsOf('feedback').flatMap((item) => readFeedback(item, eventId) ?? []),
    dropped: readClientReports(itemsOf('client_report')),
    outcomes: outcomesOf(toRead, itemsOf('filtered'), payloads.filter((payload) => !payload).length),
  }
}

export function readStoreBody(toRead: BodyToRead): BodyReading {
  const payload = parseStore(toRead.bytes, toRead.limitBytes)
  return { events: [sentryEvent(toRead, { payload, index: 0, isFit: false, isFirst: true })] }
}

export function readSecurityBody({ body, bytes, normalisers }: BodyToRead): BodyReading {
  const reports = parseSecurityReports(bytes)
  if (reports === undefined) throw new TypeError('It holds no report.')
  return {
    events: reports.map((report, index) => ({
      index,
      // only one of them can have the id that was answered
      context: contextOf(body, index === 0 ? body.meta.eventId : undefined),
      normalise: (context) => normalisers.normaliseSecurityReport(report, context),
    })),
  }
}

interface SentryEvent {
  payload: EventPayload
  index: number
  isFit: boolean
  /** Of those that can be read: intake answers with its id. */
  isFirst: boolean
  envelopeId?: string | undefined
}

/**
 * The first event has the envelope's id, else its own, else the one that was answered. Any other has its own or a new one: under the
 * envelope's it would pass for a duplicate.
 */
function sentryEvent({ body, normalisers }: BodyToRead, event: SentryEvent): RawEvent {
  const { payload, index, isFit, isFirst, envelopeId } = event
  const ownId = readEventId(payload.event_id)
  const id = isFirst ? (envelopeId ?? ownId ?? body.meta.eventId) : ownId
  return {
    index,
    context: { ...contextOf(body, id), isFit },
    normalise: (context) => normalisers.normaliseSentry(payload, context),
  }
}

function outcomesOf(
  { body }: BodyToRead,
  filtered: readonly EnvelopeItem[],
  unreadable: number,
): OutcomeCount[] {
  const base = { projectId: body.projectId, protocol: protocolOf(body) }
  const counts = new Map<string, number>()
  for (const { header } of filtered) {
    const type = wordOf(header.type)
    counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  const outcomes: OutcomeCount[] = [...counts].map(([reason, count]) => ({
    ...base,
    outcome: 'filtered',
    reason,
    count,
  }))
  if (unreadable > 0) outcomes.push({ ...base, outcome: 'invalid', reason: 'mistaken', count: unreadable })
  return outcomes
}
