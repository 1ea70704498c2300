import type { IssueDetail, IssueSummary } from '../store/store.js'
import { timeOf } from './time-of.js'

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
