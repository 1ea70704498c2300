import type { SearchQuery, SearchTerm } from '../../search/search-query.js'
import { all, type Condition, joinRows, ofProjects, where } from './condition.js'
import type { Database } from './database.js'
import { isOfEvents } from './event-matches.js'
import { isIndexed, isOfIndex, type Source, sourceOf } from './event-source.js'
import { issueCondition } from './issue-conditions.js'
import { EVENT_COLUMNS, type EventRow } from './stored-events.js'
import { eventsMatching, issuesSaying, searchedWords, wordMatch } from './word-conditions.js'

interface Request {
  now: number
  projectIds?: readonly number[]
  /** Row of an event: only older ones. */
  before: number
  limit: number
}

export interface Candidates {
  rows: EventRow[]
  /** All down to this row of an event have been looked at; 0 when there are no others. */
  end: number
}

/**
 * The newest events that the indexes find for a search. What an event has of its own, such as its release, is still to be looked at:
 * here it is enough that another event of its issue has it.
 */
export function findCandidates(database: Database, query: SearchQuery, request: Request): Candidates {
  const needed = query.terms.filter(isNeeded)
  const words = [...new Set(needed.flatMap(wordsOf))]
  const source = sourceOf(database, needed, { words, before: request.before })
  const issuesSay = words.map((word, index) => as(`issues${index}(issue_id)`, issuesSaying(word)))
  const eventsSay = source.words.map((word) =>
    as(`events${words.indexOf(word)}(event_row)`, saying(source, word)),
  )
  const tables = [as('scope(issue_id)', scopeOf(query, request)), ...issuesSay, ...eventsSay]
  const found = joinRows('UNION', [
    eventsOf(source, words),
    ...(query.terms.some(isOfIndex) ? [] : [ofIssuesSayingAll(words.length, request)]),
  ])
  const rows = database.all<EventRow>(
    `WITH ${tables.map(({ sql }) => sql).join(', ')}
     SELECT ${EVENT_COLUMNS} FROM events WHERE id < ? AND id >= ? AND id IN (${found.sql}) ORDER BY id DESC LIMIT ?`,
    ...tables.flatMap(({ values }) => values),
    ...[request.before, source.end, ...found.values, request.limit],
  )
  const last = rows.at(-1)
  return { rows, end: rows.length === request.limit && last !== undefined ? last.row : source.end }
}

function as(name: string, { sql, values }: Condition): Condition {
  return where(`${name} AS MATERIALIZED (${sql})`, ...values)
}

/** Issues whose events come into question. */
function scopeOf({ terms }: SearchQuery, { projectIds, now }: Request): Condition {
  const { sql, values } = all([
    ...ofProjects('i.project_id', projectIds),
    ...terms.filter(isAskedOfIssue).map((term) => issueCondition(term, now)),
  ])
  return where(`SELECT i.id FROM issues i WHERE ${sql}`, ...values)
}

/** Another event may have what this one must not have. */
function isAskedOfIssue(term: SearchTerm): boolean {
  if (!isOfEvents(term)) return true
  return !term.isNegated && term.kind !== 'words' && !isIndexed(term.key)
}

/** Whether the indexes of events find what a term asks for. */
function isNeeded(term: SearchTerm): boolean {
  return !term.isNegated && (term.kind === 'words' || isOfIndex(term))
}

function wordsOf(term: SearchTerm): string[] {
  return term.kind === 'words' && !isOfIndex(term) ? searchedWords(term.text) : []
}

/** Those of a source that say a word themselves; asked one by one, each would take the index half a millisecond. */
function saying({ rows, match }: Source, word: string): Condition {
  const { sql, values } = eventsMatching(
    match === undefined ? wordMatch(word) : `(${match}) AND ${wordMatch(word)}`,
  )
  return where(`${sql} AND rowid BETWEEN ? AND ?`, ...values, rows.at(-1) ?? 0, rows[0] ?? 0)
}

function eventsOf(source: Source, words: readonly string[]): Condition {
  const isSaid = source.words.map((word) => {
    const index = words.indexOf(word)
    return where(`+e.issue_id IN issues${index} OR e.id IN events${index}`)
  })
  const { sql, values } = all([where('+e.issue_id IN scope'), ...isSaid])
  return where(
    `SELECT e.id FROM json_each(?) r CROSS JOIN events e ON e.id = r.value WHERE ${sql}`,
    JSON.stringify(source.rows),
    ...values,
  )
}

/** The newest events are those of the issues that have the newest ones; behind the last of these issues nothing is among them. */
function ofIssuesSayingAll(words: number, { before, limit }: Request): Condition {
  const issuesSay = Array.from({ length: words }, (_, index) => ` AND issue_id IN issues${index}`).join('')
  const newestOfEach =
    `SELECT issue_id, (SELECT max(id) FROM events WHERE issue_id = scope.issue_id AND id < ?) AS event_row` +
    ` FROM scope WHERE 1${issuesSay} ORDER BY event_row DESC LIMIT ?`
  const least = 'SELECT CASE count(*) WHEN ? THEN min(event_row) ELSE 0 END FROM newest'
  return where(
    `SELECT event_row FROM (
       WITH newest AS MATERIALIZED (${newestOfEach}), least(event_row) AS MATERIALIZED (${least})
       SELECT e.id AS event_row FROM newest CROSS JOIN events e ON e.issue_id = newest.issue_id
       WHERE e.id >= (SELECT event_row FROM least) AND e.id < ? ORDER BY e.id DESC LIMIT ?
     )`,
    ...[before, limit, limit, before, limit],
  )
}
