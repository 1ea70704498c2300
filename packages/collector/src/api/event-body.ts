import { ErrorEvent } from '@faultline/protocol'
import { Type } from '@sinclair/typebox'
import type { StoredEvent } from '../store/store.js'
import { Time, timeOf } from './time-of.js'

export const EventBody = Type.Object(
  {
    ...ErrorEvent.properties,
    issueId: Type.String(),
    receivedAt: Time,
    scrubbed: Type.Array(Type.String(), { description: 'Paths of what was filtered.' }),
    attachments: Type.Array(
      Type.Object({
        name: Type.String(),
        contentType: Type.String(),
        sizeBytes: Type.Integer({ minimum: 0 }),
      }),
    ),
    feedback: Type.Array(
      Type.Object({ name: Type.String(), email: Type.String(), comments: Type.String(), at: Type.String() }),
    ),
  },
  { title: 'Event' },
)

/** The `ErrorEvent` as it was sent, scrubbed, and `issueId`, `receivedAt`, `scrubbed: [path…]`, `attachments`, `feedback`. */
export function eventBody({ event, issueId, receivedAt, scrubbed, attachments, feedback }: StoredEvent) {
  return {
    ...event,
    issueId: String(issueId),
    receivedAt: timeOf(receivedAt),
    scrubbed,
    attachments,
    feedback,
  }
}
