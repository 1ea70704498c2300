import type { ChangedIssue } from '../../store.js'
import type { Database } from './database.js'
import { SUMMARY_COLUMNS } from './issue-list.js'

/** Those of the issues that are still there, the last seen first. */
export function readChangedIssues(database: Database, ids: readonly number[]): ChangedIssue[] {
  return database.all<ChangedIssue>(
    `SELECT ${SUMMARY_COLUMNS}, lower(hex(i.last_event_id)) AS lastEventId
     FROM issues i JOIN projects p ON p.id = i.project_id
     WHERE i.id IN (SELECT value FROM json_each(?)) ORDER BY i.last_seen_at DESC, i.id DESC`,
    JSON.stringify(ids),
  )
}
