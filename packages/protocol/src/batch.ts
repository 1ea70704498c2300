import { type Static, Type } from '@sinclair/typebox'
import { ErrorEvent, TIME_PATTERN, UUID_PATTERN } from './error-event.js'
import { BATCH_LIMITS } from './limits.js'

/** The classes of status that requests are counted by. */
export const STATUS_CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const
export type StatusClass = (typeof STATUS_CLASSES)[number]

// More than a client can count between two batches, and a sum of many still is a safe integer.
const Count = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

const Name = Type.String({ maxLength: BATCH_LIMITS.nameLength })

/** How many requests a route has answered, for error rates; sent every 10 s. */
export const RequestCount = Type.Object({
  minute: Type.String({ pattern: TIME_PATTERN, description: 'When the minute began, RFC 3339.' }),
  service: Name,
  environment: Name,
  release: Type.Optional(Name),
  route: Type.String({
    maxLength: BATCH_LIMITS.routeLength,
    description: 'The pattern that matched; empty for what no route has answered.',
  }),
  status: Type.Unsafe<StatusClass>(Type.Union(STATUS_CLASSES.map((status) => Type.Literal(status)))),
  count: Count,
})
export type RequestCount = Static<typeof RequestCount>

/** Equal errors that were counted instead of sent; they raise the count of that event's issue. */
export const Repeat = Type.Object({
  eventId: Type.String({ pattern: UUID_PATTERN, description: 'The event that was sent for all of them.' }),
  count: Count,
  until: Type.String({ pattern: TIME_PATTERN, description: 'When the last of them occurred.' }),
})
export type Repeat = Static<typeof Repeat>

/** What the client had to give up. */
export const Drop = Type.Object({
  reason: Type.String({ maxLength: BATCH_LIMITS.reasonLength }),
  count: Count,
})
export type Drop = Static<typeof Drop>

/** A batch whose events are still to be looked at, one by one. */
export const BatchFrame = Type.Object({
  id: Type.String({ pattern: UUID_PATTERN }),
  events: Type.Array(Type.Unknown(), { maxItems: BATCH_LIMITS.events }),
  requests: Type.Optional(Type.Array(RequestCount, { maxItems: BATCH_LIMITS.requests })),
  repeats: Type.Optional(Type.Array(Repeat, { maxItems: BATCH_LIMITS.repeats })),
  dropped: Type.Optional(Type.Array(Drop, { maxItems: BATCH_LIMITS.dropped })),
})

/** What a reporter sends at once. A batch whose id was seen before adds nothing again. */
export const Batch = Type.Object({
  ...BatchFrame.properties,
  events: Type.Array(ErrorEvent, { maxItems: BATCH_LIMITS.events }),
})
export type Batch = Static<typeof Batch>

/** The collector's answer to a batch. */
export const BatchAnswer = Type.Object({
  accepted: Type.Integer({ minimum: 0 }),
  rejected: Type.Array(Type.Object({ index: Type.Integer({ minimum: 0 }), problem: Type.Unknown() })),
})
export type BatchAnswer = Static<typeof BatchAnswer>
