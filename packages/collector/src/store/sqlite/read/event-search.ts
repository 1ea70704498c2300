import type { SearchQuery, SearchTerm } from '../../search/search-query.js'
import type { Page, PageRequest, StoredEvent } from '../../store.js'
import { encodeCursor, placeOf } from './cursor.js'
import type { Database } from './database.js'
import { findCandidates } from './event-candidates.js'
import { hexOf } from './event-id.js'
import { isOfEvents, matchesEvent } from './event-matches.js'
import { StoredEvents } from './stored-events.js'

const LIST = { name: 'search', size: 1 }
/** How many events are found at once, to be looked at themselves; and how often that is done for one page. */
const FOUND_AT_ONCE = 400
const MOST_ROUNDS = 3

/** Events that a search means, the last first. A page may be short, even empty, when few of many fit: the next goes on behind. */
export function searchEvents(
  database: Database,
  query: SearchQuery,
  page: PageRequest & { now: number; projectIds?: readonly number[] },
): Page<StoredEvent> {
  const [place = Number.MAX_SAFE_INTEGER] = placeOf(page, LIST) ?? []
  const stored = new StoredEvents(database)
  const asked = query.terms.filter(isAsked)
  const items: StoredEvent[] = []
  const limit = asked.length === 0 ? page.limit + 1 : FOUND_AT_ONCE
  let before = place
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { rows, end } = findCandidates(database, query, { ...page, before, limit })
    for (const row of rows) {
      if (items.length === page.limit) return { items, nextCursor: encodeCursor(LIST.name, [before]) }
      before = row.row
      const payload = stored.decode(row)
      if (asked.every((term) => matchesEvent(payload.event, term))) items.push(stored.read(row, payload))
    }
    if (end === 0) return { items, nextCursor: null }
    before = end
  }
  return { items, nextCursor: encodeCursor(LIST.name, [before]) }
}

/** Words have been found in the index; an id there may be another's, and what must not be there is in none. */
function isAsked(term: SearchTerm): boolean {
  if (term.kind === 'words') return term.isNegated || hexOf(term.text) !== undefined
  return isOfEvents(term)
}
