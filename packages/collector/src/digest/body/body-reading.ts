import type { ErrorEvent } from '@faultline/protocol'
import type { IntakeProtocol, QueuedBody } from '../../queue/queue.js'
import type { DigestedBody, OutcomeCount } from '../../store/store.js'
import type { NormaliseContext } from '../normalise/normalise-context.js'
import type { RawEvent } from '../prepare-event.js'
import type { RawAttachment } from './attachments.js'
import type { RawFeedback } from './feedback.js'

/** How each protocol's events become error events. */
export interface Normalisers {
  normaliseSentry(payload: unknown, context: NormaliseContext): ErrorEvent
  normaliseSecurityReport(payload: unknown, context: NormaliseContext): ErrorEvent
  tidyNative(event: ErrorEvent, context: NormaliseContext): ErrorEvent
}

/** A body, unpacked, and what it takes to read it. */
export interface BodyToRead {
  body: QueuedBody
  bytes: Buffer
  limitBytes: number
  normalisers: Normalisers
}

/** What is in a body, before anything is done to its events. */
export interface BodyReading {
  events: RawEvent[]
  /** Of a native batch. */
  batch?: Pick<DigestedBody, 'repeats' | 'requests'> & { id: string }
  dropped?: DigestedBody['dropped']
  /** Of what is no event that can be stored. */
  outcomes?: OutcomeCount[]
  /** 32 hexadecimal digits: whose the attachments are, where no event comes with them. */
  eventId?: string | undefined
  attachments?: RawAttachment[]
  feedback?: RawFeedback[]
}

/** The collector's own project: what it reports of itself. */
const OWN_PROJECT = 0

export function protocolOf({ projectId, format }: QueuedBody): IntakeProtocol {
  if (projectId === OWN_PROJECT) return 'internal'
  return format === 'batch' ? 'faultline' : 'sentry'
}

/** What an event does not know by itself. */
export function contextOf({ receivedAt, meta }: QueuedBody, eventId?: string): NormaliseContext {
  const { ip, userAgent } = meta
  return {
    receivedAt,
    ...(eventId !== undefined && { eventId }),
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { userAgent }),
  }
}
