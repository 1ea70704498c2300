import { type Static, Type } from '@sinclair/typebox'
import type { ChangedIssue, IssueChange } from '../store/store.js'
import { oneOf } from './query.js'
import { timeOf } from './time-of.js'

/** The data of an event `issue` of `/live`. */
export const LiveIssueBody = Type.Object({
  id: Type.String(),
  shortId: Type.String(),
  project: Type.Integer(),
  title: Type.String(),
  type: Type.String(),
  status: oneOf(['unresolved', 'resolved', 'muted']),
  severity: oneOf(['critical', 'high', 'medium', 'low']),
  isNew: Type.Boolean(),
  isRegression: Type.Boolean(),
  /** How many came since the last event of this issue; 0 if somebody has edited it. */
  events: Type.Integer(),
  lastEventId: Type.String(),
  lastSeenAt: Type.String({ format: 'date-time' }),
})

export function liveIssueBody(
  issue: ChangedIssue,
  { isNew, isRegression, events }: Pick<IssueChange, 'isNew' | 'isRegression' | 'events'>,
): Static<typeof LiveIssueBody> {
  return {
    id: String(issue.id),
    shortId: issue.shortId,
    project: issue.projectId,
    title: issue.title,
    type: issue.type,
    status: issue.status,
    severity: issue.severity,
    isNew,
    isRegression,
    events,
    lastEventId: issue.lastEventId,
    lastSeenAt: timeOf(issue.lastSeenAt),
  }
}
