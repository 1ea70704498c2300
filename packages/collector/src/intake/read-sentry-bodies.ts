import {
  countEvents,
  type Envelope,
  EnvelopeMistake,
  kindOf,
  parseEnvelope,
  parseEvent,
  parseSecurityReports,
  parseStore,
  readEventId,
  StoreMistake,
} from '@faultline/protocol/sentry'
import type { BodyReading, ReadingTools } from './body-reading.js'
import { intakeErrors } from './errors.js'

export function readEnvelopeBody(bytes: Buffer, { newId }: ReadingTools): BodyReading {
  const envelope = parsed(bytes)
  const { header, items } = envelope
  const payloads = items.filter(({ header: { type } }) => kindOf(type) === 'event')
  const events = payloads.map(({ payload }) => parseEvent(payload)).filter((event) => event !== undefined)
  if (events.length === 0 && payloads.length > 0 && payloads.length === items.length)
    throw new intakeErrors.BodyMistaken({ detail: 'The event is no JSON object.' })

  const ownId = readEventId(header.event_id) ?? readEventId(events[0]?.event_id)
  return {
    ...answerTo(ownId, newId),
    eventCount: countEvents(envelope),
    errorCount: payloads.length,
    isEmpty: items.length === 0,
    dsn: header.dsn,
  }
}

function parsed(bytes: Buffer): Envelope {
  try {
    return parseEnvelope(bytes)
  } catch (error) {
    if (!(error instanceof EnvelopeMistake)) throw error
    throw new intakeErrors.BodyMistaken({ detail: error.message })
  }
}

export function readStoreBody(bytes: Buffer, { newId, limitBytes }: ReadingTools): BodyReading {
  try {
    const { event_id } = parseStore(bytes, limitBytes)
    return { ...answerTo(readEventId(event_id), newId), eventCount: 1, errorCount: 1 }
  } catch (error) {
    if (!(error instanceof StoreMistake)) throw error
    if (error.isTooLarge) throw new intakeErrors.BodyTooLarge({ limitBytes })
    throw new intakeErrors.BodyMistaken({ detail: error.message })
  }
}

/** Browsers give their reports no id, and read no answer. */
export function readSecurityBody(bytes: Buffer, { newId }: ReadingTools): BodyReading {
  const reports = parseSecurityReports(bytes)
  if (reports === undefined) throw new intakeErrors.BodyMistaken({ detail: 'It holds no report.' })
  return { ...answerTo(undefined, newId), eventCount: reports.length, errorCount: reports.length }
}

function answerTo(
  ownId: string | undefined,
  newId: () => string,
): Pick<BodyReading, 'status' | 'answer' | 'eventId'> {
  const id = ownId ?? newId().replaceAll('-', '').toLowerCase()
  return { status: 200, answer: JSON.stringify({ id }), ...(ownId === undefined && { eventId: id }) }
}
