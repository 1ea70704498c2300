import type { ReleaseFilter, SeenRelease } from '../../seen.js'
import type { Page } from '../../store.js'
import { all, where } from './condition.js'
import { encodeCursor, placeOf } from './cursor.js'
import type { Database } from './database.js'
import { ofProjects } from './of-projects.js'

const LIST = { name: 'releases', size: 2 }

/**
 * The one that was seen last comes first. A place is a time and how many of that time came before: releases themselves are texts of
 * any length.
 */
export function readReleases(database: Database, filter: ReleaseFilter): Page<SeenRelease> {
  const { limit, projectIds } = filter
  const [at = Number.MAX_SAFE_INTEGER, shown = 0] = placeOf(filter, LIST) ?? []
  const { sql, values } = all([where('last_seen_at <= ?', at), ofProjects(projectIds)])
  const found = database.all<SeenRelease>(
    `SELECT project_id AS projectId, release, first_seen_at AS firstSeenAt, last_seen_at AS lastSeenAt, event_count AS events
     FROM releases WHERE ${sql} ORDER BY last_seen_at DESC, project_id, release LIMIT ? OFFSET ?`,
    ...values,
    limit + 1,
    shown,
  )
  const items = found.slice(0, limit)
  const last = items.at(-1)
  if (last === undefined || found.length <= limit) return { items, nextCursor: null }
  const ofSameTime = items.filter(({ lastSeenAt }) => lastSeenAt === last.lastSeenAt).length
  const shownBefore = last.lastSeenAt === at ? shown : 0
  return { items, nextCursor: encodeCursor(LIST.name, [last.lastSeenAt, shownBefore + ofSameTime]) }
}
