import type { StoredEvent } from '../store/store.js'
import { timeOf } from './time-of.js'

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
