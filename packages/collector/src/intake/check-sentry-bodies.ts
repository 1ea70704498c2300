import {
  countEvents,
  type Envelope,
  type EnvelopeItem,
  EnvelopeMistake,
  type EventPayload,
  type ItemKind,
  kindOf,
  looksLikeObject,
  parseEnvelope,
  parseEvent,
  parseSecurityReports,
  parseStore,
  readEventId,
  StoreMistake,
} from '@faultline/protocol/sentry'
import type { CheckedBody, CheckingTools } from './checked-body.js'
import { intakeErrors } from './errors.js'

export function checkEnvelopeBody(bytes: Buffer, { newId }: CheckingTools): CheckedBody {
  const envelope = parsed(bytes)
  const { header, items } = envelope
  const kinds = items.map(({ header: { type } }) => kindOf(type))
  const events = items.filter((_item, at) => kinds[at] === 'event')
  const envelopeId = readEventId(header.event_id)
  const first = firstEvent(events, envelopeId)
  if (first === undefined && events.length > 0 && events.length === items.length)
    throw new intakeErrors.BodyMistaken({ detail: 'The event is no JSON object.' })

  return {
    ...answerTo(envelopeId ?? readEventId(first?.event_id), newId),
    eventCount: countEvents(envelope),
    charge: kinds.filter((kind) => CHARGED.has(kind)).length,
    isExempt: kinds.every((kind) => kind === 'client_report'),
    isEmpty: items.length === 0,
  }
}

/**
 * Feedback and attachments are no outcomes of their own, but work and room. What is filtered anyway is free: whoever sends traces too must
 * not lose errors for that.
 */
const CHARGED: ReadonlySet<ItemKind> = new Set(['event', 'attachment', 'feedback'])

/** Parsing is most of the work, so it is done only for the id. What looks like an object and is no JSON, digest finds and counts. */
function firstEvent(
  events: readonly EnvelopeItem[],
  envelopeId: string | undefined,
): EventPayload | undefined {
  for (const { payload } of events) {
    if (envelopeId !== undefined && looksLikeObject(payload)) return {}
    const event = envelopeId === undefined ? parseEvent(payload) : undefined
    if (event !== undefined) return event
  }
  return undefined
}

function parsed(bytes: Buffer): Envelope {
  try {
    return parseEnvelope(bytes)
  } catch (error) {
    if (!(error instanceof EnvelopeMistake)) throw error
    throw new intakeErrors.BodyMistaken({ detail: error.message })
  }
}

export function checkStoreBody(bytes: Buffer, { newId, limitBytes }: CheckingTools): CheckedBody {
  try {
    const { event_id } = parseStore(bytes, limitBytes)
    return { ...answerTo(readEventId(event_id), newId), eventCount: 1, charge: 1 }
  } catch (error) {
    if (!(error instanceof StoreMistake)) throw error
    if (error.isTooLarge) throw new intakeErrors.BodyTooLarge({ limitBytes })
    throw new intakeErrors.BodyMistaken({ detail: error.message })
  }
}

/** Browsers give their reports no id, and read no answer. */
export function checkSecurityBody(bytes: Buffer, { newId }: CheckingTools): CheckedBody {
  const reports = parseSecurityReports(bytes)
  if (reports === undefined) throw new intakeErrors.BodyMistaken({ detail: 'It holds no report.' })
  return { ...answerTo(undefined, newId), eventCount: reports.length, charge: reports.length }
}

function answerTo(
  ownId: string | undefined,
  newId: () => string,
): Pick<CheckedBody, 'status' | 'answer' | 'eventId'> {
  const id = ownId ?? newId().replaceAll('-', '').toLowerCase()
  return { status: 200, answer: JSON.stringify({ id }), ...(ownId === undefined && { eventId: id }) }
}
