import type { SeenService, ServiceFilter } from '../../seen.js'
import type { Page } from '../../store.js'
import { all, where } from './condition.js'
import { encodeCursor, placeOf } from './cursor.js'
import type { Database } from './database.js'
import { ofProjects } from './of-projects.js'

const HOUR_MS = 3_600_000
const LIST = { name: 'services', size: 1 }

/** By project and name, as the counters of project_hours tell of them. A place is how many came before. */
export function readServices(database: Database, filter: ServiceFilter): Page<SeenService> {
  const { limit, projectIds, since, until } = filter
  const [shown = 0] = placeOf(filter, LIST) ?? []
  const { sql, values } = all([
    where('hour >= ? AND hour < ?', Math.floor(since / HOUR_MS), Math.ceil(until / HOUR_MS)),
    ofProjects(projectIds),
  ])
  // Not sum(): clients have counted, and node:sqlite throws when a sum is no safe integer.
  const found = database.all<Omit<SeenService, 'environments'> & { environments: string }>(
    `SELECT project_id AS projectId, service, json_group_array(DISTINCT environment) AS environments,
       total(count) AS events, max(hour) * ${HOUR_MS} AS lastSeenAt
     FROM project_hours WHERE ${sql} GROUP BY project_id, service ORDER BY project_id, service LIMIT ? OFFSET ?`,
    ...values,
    limit + 1,
    shown,
  )
  const items = found.slice(0, limit).map((row) => ({ ...row, environments: environmentsOf(row) }))
  return { items, nextCursor: found.length > limit ? encodeCursor(LIST.name, [shown + limit]) : null }
}

function environmentsOf({ environments }: { environments: string }): string[] {
  return (JSON.parse(environments) as string[]).toSorted()
}
