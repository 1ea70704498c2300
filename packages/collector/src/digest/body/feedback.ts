import { type EnvelopeItem, type EventPayload, parseEvent, readEventId } from '@faultline/protocol/sentry'

const MAX_LENGTH = 16_384
const MAX_NAME_LENGTH = 200

/** As somebody wrote it: not scrubbed. */
export interface RawFeedback {
  /** 32 hexadecimal digits. */
  eventId: string
  name: string
  email: string
  comments: string
}

/**
 * A `user_report`, or a `feedback` that names its event. Without an event or anything said, there is nothing to show.
 * @see https://develop.sentry.dev/sdk/telemetry/feedbacks/
 */
export function readFeedback({ payload }: EnvelopeItem, envelopeId?: string): RawFeedback | undefined {
  const said = parseEvent(payload)
  if (said === undefined) return undefined
  const { feedback } = (said.contexts ?? {}) as { feedback?: EventPayload | null }
  const {
    id,
    name,
    email = '',
    comments,
  } = feedback
    ? {
        id: feedback.associated_event_id,
        name: feedback.name,
        email: feedback.contact_email,
        comments: feedback.message,
      }
    : { id: said.event_id, name: said.name, email: said.email, comments: said.comments }
  const eventId = readEventId(id) ?? envelopeId
  const text = textOf(comments, MAX_LENGTH)
  if (eventId === undefined || text === '') return undefined
  return {
    eventId,
    name: textOf(name, MAX_NAME_LENGTH),
    email: textOf(email, MAX_NAME_LENGTH),
    comments: text,
  }
}

function textOf(value: unknown, maxLength: number): string {
  return typeof value === 'string' ? value.slice(0, maxLength) : ''
}
