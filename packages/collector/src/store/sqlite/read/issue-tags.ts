import type { TagDistribution, TagValue, TagValuesRequest } from '../../issue-stats.js'
import type { Page } from '../../store.js'
import { pageOf, placeOf } from './cursor.js'
import type { Database } from './database.js'
import { isThere } from './is-there.js'

const VALUES_OF_KEY = 10
/** Of an issue's first event only, to be searched by. */
const UNCOUNTED = `('file', 'function')`

/** How often each of its values has come up, by place. */
const COUNTS = `counts(place, count) AS MATERIALIZED (
  SELECT c.key, c.value FROM issues i, json_each(i.facet_counts) c WHERE i.id = ?
)`

/** Every key that events of an issue have, with its most frequent values. */
export function readTags(database: Database, issueId: number): TagDistribution[] {
  const rows = database.all<{ key: string; total: number } & TagValue>(
    `WITH ${COUNTS}
     SELECT key, total, value, count FROM (
       SELECT key, value, count, total(count) OVER (PARTITION BY key) AS total,
         row_number() OVER (PARTITION BY key ORDER BY count DESC, value) AS rank
       FROM issue_facets JOIN counts USING (place) WHERE issue_id = ? AND key NOT IN ${UNCOUNTED}
     ) WHERE rank <= ? ORDER BY key, rank`,
    ...[issueId, issueId, VALUES_OF_KEY],
  )
  const tags = new Map<string, TagDistribution>()
  for (const { key, total, ...value } of rows) {
    const known = tags.get(key)
    if (known === undefined) tags.set(key, { key, total, values: [value] })
    else known.values.push(value)
  }
  return [...tags.values()]
}

/** All values of a key that are stored, the most frequent first; `undefined` when there is no such issue. */
export function readTagValues(
  database: Database,
  issueId: number,
  request: TagValuesRequest,
): Page<TagValue> | undefined {
  const name = 'tags'
  const place = placeOf(request, { name, size: 2 }) ?? [Number.MAX_SAFE_INTEGER, 0]
  if (!isThere(database, issueId, request)) return undefined
  const { key, limit } = request
  const rows = database.all<TagValue & { place: number }>(
    `WITH ${COUNTS}
     SELECT value, count, place FROM issue_facets JOIN counts USING (place)
     WHERE issue_id = ? AND key = ? AND key NOT IN ${UNCOUNTED} AND (-count, place) > (-?, ?)
     ORDER BY count DESC, place LIMIT ?`,
    ...[issueId, issueId, key, ...place, limit + 1],
  )
  const { items, nextCursor } = pageOf(rows, { limit, name, placeOf: (row) => [row.count, row.place] })
  return { items: items.map(({ value, count }) => ({ value, count })), nextCursor }
}
