import { Type } from '@sinclair/typebox'
import type { IssueDetail, IssueSummary } from '../store/store.js'
import { oneOf } from './query.js'
import { Time, timeOf } from './time-of.js'

const TextOrNull = Type.Union([Type.String(), Type.Null()])
const Count = Type.Integer({ minimum: 0 })

export const IssueBody = Type.Object(
  {
    id: Type.String(),
    shortId: Type.String({ description: '`SHOP-12`' }),
    project: Type.Integer(),
    title: Type.String(),
    type: Type.String({ description: 'Class of what was thrown; empty for a message.' }),
    message: Type.String(),
    culprit: Type.String({
      description: 'The function and file of the innermost in-app frame, else the route.',
    }),
    status: oneOf(['unresolved', 'resolved', 'muted']),
    severity: oneOf(['critical', 'high', 'medium', 'low']),
    level: oneOf(['fatal', 'error', 'warning', 'info', 'debug']),
    count: Count,
    users: Type.Integer({ minimum: 0, description: 'Exact up to 1 000.' }),
    firstSeenAt: Time,
    lastSeenAt: Time,
    assignee: TextOrNull,
    service: Type.String({ description: 'Of the last event.' }),
    release: TextOrNull,
  },
  { title: 'Issue' },
)

export const IssueDetailBody = Type.Object(
  {
    ...IssueBody.properties,
    fingerprint: Type.Object({ version: Type.Integer(), values: Type.Array(Type.String()) }),
    trend: Type.Array(Type.Object({ at: Time, count: Count }), {
      description: 'By hour, of the last 24 hours, oldest first.',
    }),
    tags: Type.Record(Type.String(), Type.Array(Type.Object({ value: Type.String(), count: Count })), {
      description: 'The most frequent values of each.',
    }),
    firstRelease: TextOrNull,
    lastRelease: TextOrNull,
    lastEventId: Type.String(),
  },
  { title: 'IssueDetail' },
)

/** An issue as lists show it. */
export function issueBody(issue: IssueSummary) {
  return {
    id: String(issue.id),
    shortId: issue.shortId,
    project: issue.projectId,
    title: issue.title,
    type: issue.type,
    message: issue.message,
    culprit: issue.culprit,
    status: issue.status,
    severity: issue.severity,
    level: issue.level,
    count: issue.count,
    users: issue.users,
    firstSeenAt: timeOf(issue.firstSeenAt),
    lastSeenAt: timeOf(issue.lastSeenAt),
    assignee: issue.assignee,
    service: issue.service,
    release: issue.release,
  }
}

/** An issue by itself. */
export function issueDetailBody(issue: IssueDetail) {
  return {
    ...issueBody(issue),
    fingerprint: issue.fingerprint,
    trend: issue.trend.map(({ at, count }) => ({ at: timeOf(at), count })),
    tags: issue.tags,
    firstRelease: issue.firstRelease,
    lastRelease: issue.lastRelease,
    lastEventId: issue.lastEventId,
  }
}
