import type { OutcomeCount } from '../../store.js'
import { all, type Condition, ofProjects, where } from './condition.js'
import type { Database } from './database.js'

const HOUR_MS = 3_600_000

export interface CountFilter {
  projectIds?: readonly number[]
  /** Whole hours are counted: those that these times are in, too. */
  since?: number
  until?: number
}

// Not sum(): clients have counted, and node:sqlite throws when a sum is no safe integer.
export function readOutcomes(database: Database, filter: CountFilter): OutcomeCount[] {
  const { sql, values } = countedIn(filter)
  return database.all<OutcomeCount>(
    `SELECT project_id AS projectId, outcome, reason, protocol, total(count) AS count
     FROM outcome_hours WHERE ${sql} GROUP BY project_id, outcome, reason, protocol`,
    ...values,
  )
}

export function readDropped(database: Database, filter: CountFilter): { reason: string; count: number }[] {
  const { sql, values } = countedIn(filter)
  return database.all<{ reason: string; count: number }>(
    `SELECT reason, total(count) AS count FROM dropped_hours WHERE ${sql} GROUP BY reason ORDER BY count DESC, reason`,
    ...values,
  )
}

function countedIn({ projectIds, since, until }: CountFilter): Condition {
  const conditions = ofProjects('project_id', projectIds)
  if (since !== undefined) conditions.push(where('hour >= ?', Math.floor(since / HOUR_MS)))
  if (until !== undefined) conditions.push(where('hour < ?', Math.ceil(until / HOUR_MS)))
  return all(conditions)
}
