import type { SearchQuery } from '../../search/search-query.js'
import type { Page, PageRequest, StoredEvent } from '../../store.js'
import { encodeCursor, placeOf } from './cursor.js'
import type { Database } from './database.js'
import { candidates } from './event-candidates.js'
import { isOfEvents, matchesEvent } from './event-matches.js'
import { EVENT_COLUMNS, type EventRow, StoredEvents } from './stored-events.js'

const LIST = { name: 'search', size: 1 }
/** How many events are found at once, to be looked at themselves; and how often that is done for one page. */
const FOUND_AT_ONCE = 400
const MOST_ROUNDS = 2

/** Events that a search means, the last first. A page may be short, even empty, when few of many fit: the next goes on behind. */
export function searchEvents(
  database: Database,
  query: SearchQuery,
  page: PageRequest & { now: number; projectId?: number },
): Page<StoredEvent> {
  const [place = Number.MAX_SAFE_INTEGER] = placeOf(page, LIST) ?? []
  const stored = new StoredEvents(database)
  const asked = query.terms.filter((term) => isOfEvents(term) && (term.kind !== 'words' || term.isNegated))
  const items: StoredEvent[] = []
  const limit = asked.length === 0 ? page.limit + 1 : FOUND_AT_ONCE
  let before = place
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const rows = newest(database, query, { ...page, before, limit })
    for (const row of rows) {
      if (items.length === page.limit) return { items, nextCursor: encodeCursor(LIST.name, [before]) }
      before = row.row
      const event = stored.read(row)
      if (asked.every((term) => matchesEvent(event.event, term))) items.push(event)
    }
    if (rows.length < limit) return { items, nextCursor: null }
  }
  return { items, nextCursor: encodeCursor(LIST.name, [before]) }
}

function newest(
  database: Database,
  query: SearchQuery,
  request: { now: number; projectId?: number; before: number; limit: number },
): EventRow[] {
  const found = candidates(query, request)
  return database.all<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE id < ? AND id IN (${found.sql}) ORDER BY id DESC LIMIT ?`,
    request.before,
    ...found.values,
    request.limit,
  )
}
