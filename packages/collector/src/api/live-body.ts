import { type Static, Type } from '@sinclair/typebox'
import type { ChangedIssue, IssueChange } from '../store/store.js'
import { IssueBody, issueBody } from './issue-body.js'

const SHOWN = ['id', 'shortId', 'project', 'title', 'type', 'status', 'severity', 'lastSeenAt'] as const

/** The data of an event `issue` of `/live`. */
export const LiveIssueBody = Type.Object({
  ...Type.Pick(IssueBody, SHOWN).properties,
  isNew: Type.Boolean(),
  isRegression: Type.Boolean(),
  /** How many came since the last event of this issue; 0 if somebody has edited it. */
  events: Type.Integer(),
  lastEventId: Type.String(),
})

export function liveIssueBody(
  issue: ChangedIssue,
  { isNew, isRegression, events }: Pick<IssueChange, 'isNew' | 'isRegression' | 'events'>,
): Static<typeof LiveIssueBody> {
  const { id, shortId, project, title, type, status, severity, lastSeenAt } = issueBody(issue)
  const shown = { id, shortId, project, title, type, status, severity, lastSeenAt }
  return { ...shown, isNew, isRegression, events, lastEventId: issue.lastEventId }
}
