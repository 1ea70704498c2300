import type { Page, PageRequest, ProjectScope, StoredEvent } from '../../store.js'
import { all, ofProjects, where } from './condition.js'
import { pageOf, placeOf } from './cursor.js'
import type { Database } from './database.js'
import { eventsNamed } from './event-id.js'
import { isThere } from './is-there.js'
import { EVENT_COLUMNS, type EventRow, StoredEvents } from './stored-events.js'

/** Events of an issue, in the order of arrival, the last first. */
export function readEventsOf(
  database: Database,
  issueId: number,
  page: PageRequest & ProjectScope,
): Page<StoredEvent> | undefined {
  const name = 'events'
  const [before = Number.MAX_SAFE_INTEGER] = placeOf(page, { name, size: 1 }) ?? []
  if (!isThere(database, issueId, page)) return undefined
  const rows = database.all<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE issue_id = ? AND id < ? ORDER BY id DESC LIMIT ?`,
    issueId,
    before,
    page.limit + 1,
  )
  const found = pageOf(rows, { limit: page.limit, name, placeOf: ({ row }) => [row] })
  const stored = new StoredEvents(database)
  return { items: found.items.map((row) => stored.read(row)), nextCursor: found.nextCursor }
}

/** The last of the events that an id or a problem instance stands for. */
export function readEvent(
  database: Database,
  idOrInstance: string,
  { projectIds }: ProjectScope = {},
): StoredEvent | undefined {
  const named = eventsNamed(idOrInstance)
  const { sql, values } = all([
    where(`id IN (${named.sql})`, ...named.values),
    ...ofProjects('project_id', projectIds),
  ])
  const row = database.get<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE ${sql} ORDER BY id DESC LIMIT 1`,
    ...values,
  )
  return row === undefined ? undefined : new StoredEvents(database).read(row)
}
