import type { BodyFormat, QueuedBody } from '../queue/queue.js'
import { unpack } from '../queue/unpack.js'
import type { DigestedBody, Feedback } from '../store/store.js'
import { attachmentsOf } from './body/attachments.js'
import { type BodyReading, type BodyToRead, type Normalisers, protocolOf } from './body/body-reading.js'
import type { RawFeedback } from './body/feedback.js'
import { readBatchBody } from './body/read-batch-body.js'
import { readEnvelopeBody, readSecurityBody, readStoreBody } from './body/read-sentry-bodies.js'
import { readTallyBody } from './body/read-tally-body.js'
import { reasonOf } from './dead-reason.js'
import { type EventSteps, prepareEvent } from './prepare-event.js'

/** The parts of digest. What they throw costs one event. */
export interface DigestTools extends Normalisers, EventSteps {
  /** Of one body, unpacked. */
  limitBytes: number
}

/** A body that is digested, and what that took. */
export interface WeighedBody extends DigestedBody {
  unpackedBytes: number
  /** Of its events: which of the body's each of them is. */
  indexes: number[]
}

/** @param only the index of the one event that is wanted, for a replay; -1, the default, for the whole body */
export type DigestBody = (body: QueuedBody, only?: number) => WeighedBody

/** In place of an event's index. */
export const WHOLE = -1

const readers: Record<BodyFormat, (toRead: BodyToRead) => BodyReading> = {
  batch: readBatchBody,
  envelope: readEnvelopeBody,
  store: readStoreBody,
  security: readSecurityBody,
  tally: readTallyBody,
}

/** Makes of a body what the store saves. That never throws: what cannot be digested is a dead letter, and its neighbours are not. */
export function createDigestBody(tools: DigestTools): DigestBody {
  return (body, only = WHOLE) => {
    const digested = emptyBody(body)
    try {
      const { limitBytes } = tools
      const bytes = unpack(body.bytes, body.encoding, limitBytes)
      digested.unpackedBytes = bytes.length
      const reading = readers[body.format]({ body, bytes, limitBytes, normalisers: tools })
      addEvents(digested, { reading, only, tools })
      if (only === WHOLE) addRest(digested, reading, tools)
      return digested
    } catch (error) {
      return deadBody(body, 'read', reasonOf(error))
    }
  }
}

/** A body that is one dead letter as a whole. */
export function deadBody(body: QueuedBody, stage: string, reason: string): WeighedBody {
  return { ...emptyBody(body), dead: [{ index: WHOLE, stage, reason, count: body.eventCount }] }
}

/** A body of which nothing comes. */
export function emptyBody(body: QueuedBody): WeighedBody {
  const { position, projectId, receivedAt } = body
  return {
    position,
    projectId,
    protocol: protocolOf(body),
    receivedAt,
    events: [],
    repeats: [],
    requests: [],
    dropped: [],
    outcomes: [],
    dead: [],
    attachments: [],
    feedback: [],
    unpackedBytes: 0,
    indexes: [],
  }
}

function addEvents(
  digested: WeighedBody,
  { reading, only, tools }: { reading: BodyReading; only: number; tools: DigestTools },
): void {
  // Attachments come with the first event, and wait with it where it becomes a dead letter.
  let attachedTo = reading.events.length === 0 ? reading.eventId : undefined
  for (const raw of reading.events) {
    if (only !== WHOLE && raw.index !== only) continue
    const preparation = prepareEvent(raw, digested.protocol, tools)
    if ('dead' in preparation) {
      digested.dead.push(preparation.dead)
      continue
    }
    digested.events.push(preparation.prepared)
    digested.indexes.push(raw.index)
    if (raw === reading.events[0]) attachedTo = preparation.prepared.event.id.replaceAll('-', '')
  }
  if (only !== WHOLE && digested.events.length + digested.dead.length === 0) addMistaken(digested)
  const { attachments = [] } = reading
  if (attachedTo !== undefined) digested.attachments = attachmentsOf(attachedTo, attachments, tools.scrubText)
}

/** What was an event when it became a dead letter is none any more: the rules have changed meanwhile. */
function addMistaken(digested: WeighedBody): void {
  const { projectId, protocol } = digested
  digested.outcomes = [{ projectId, protocol, outcome: 'invalid', reason: 'mistaken', count: 1 }]
}

function addRest(digested: WeighedBody, reading: BodyReading, tools: DigestTools): void {
  const { batch, dropped = [], outcomes = [], feedback = [] } = reading
  if (batch !== undefined) {
    digested.batchId = batch.id
    digested.repeats = batch.repeats
    digested.requests = batch.requests
  }
  digested.dropped = dropped
  digested.outcomes = outcomes
  digested.feedback = feedback.map((said) => scrubbed(said, digested.receivedAt, tools))
}

/** Scrubbed as what it is, a message of a user, so that the same rules hold for the address. */
function scrubbed(said: RawFeedback, receivedAt: number, { scrub }: DigestTools): Feedback {
  const { eventId, name, email, comments } = said
  const at = new Date(receivedAt).toISOString()
  const { event } = scrub({
    id: eventId,
    occurredAt: at,
    level: 'info',
    handled: true,
    mechanism: 'manual',
    platform: 'other',
    service: '',
    environment: '',
    message: comments,
    exceptions: [],
    user: { name, email },
    sdk: { name: '', version: '' },
  })
  return {
    eventId,
    at,
    name: event.user?.name ?? '',
    email: event.user?.email ?? '',
    comments: event.message ?? '',
  }
}
