import type { SearchQuery, SearchTerm } from '../../search/search-query.js'
import { keyWord, type WordKey } from '../words.js'
import { all, type Condition, joinRows, where } from './condition.js'
import { eventsNamed, hexOf } from './event-id.js'
import { isOfEvents } from './event-matches.js'
import { issueCondition } from './issue-conditions.js'
import { eventsSaying, issuesSaying, searchedWords } from './word-conditions.js'

interface Request {
  now: number
  projectId?: number
  /** Row of an event: only older ones. */
  before: number
  limit: number
}

/** Something that an event, or else its issue, has to say. */
interface Need {
  /** Rows of events. */
  events: Condition
  /** Ids of issues. */
  issues: Condition
}

const WORD_KEYS: readonly string[] = ['user', 'tenant', 'trace', 'url'] satisfies WordKey[]
const NOTHING = where('SELECT NULL WHERE 0')

/**
 * Rows of the newest events that the indexes find for a search. What an event has of its own, such as its release, is still to be
 * looked at: here it is enough that another event of its issue has it.
 */
export function candidates(query: SearchQuery, request: Request): Condition {
  const needs = query.terms.flatMap((term) => needsOf(term, request.before))
  const tables = [
    as('scope(issue_id)', scopeOf(query, request)),
    ...needs.map(({ events }, index) => as(`events${index}(event_row)`, events)),
    ...needs.map(({ issues }, index) => as(`issues${index}(issue_id)`, issues)),
  ]
  const found = joinRows('UNION', [
    ofIssuesSayingAll(needs.length, request),
    ofEventsSayingSome(needs.length),
  ])
  return {
    sql: `WITH ${tables.map(({ sql }) => sql).join(', ')} ${found.sql}`,
    values: [...tables.flatMap(({ values }) => values), ...found.values],
  }
}

function as(name: string, { sql, values }: Condition): Condition {
  return where(`${name} AS MATERIALIZED (${sql})`, ...values)
}

/** Issues whose events come into question. */
function scopeOf({ terms }: SearchQuery, { projectId, now }: Request): Condition {
  const { sql, values } = all([
    ...(projectId === undefined ? [] : [where('i.project_id = ?', projectId)]),
    ...terms.filter(isAskedOfIssue).map((term) => issueCondition(term, now)),
  ])
  return where(`SELECT i.id FROM issues i WHERE ${sql}`, ...values)
}

/** Another event may have what this one must not have. */
function isAskedOfIssue(term: SearchTerm): boolean {
  if (!isOfEvents(term)) return true
  const isNeeded = term.kind === 'words' || term.key === 'instance' || WORD_KEYS.includes(term.key)
  return !term.isNegated && (term.kind === 'has' || !isNeeded)
}

function needsOf(term: SearchTerm, before: number): Need[] {
  if (term.isNegated || term.kind === 'has') return []
  if (term.kind === 'words') return wordNeeds(term.text, before)
  if (term.key !== 'instance' && !WORD_KEYS.includes(term.key)) return []
  const rows = term.matches.map((match) => {
    const value = match.kind === 'equals' ? match.value : ''
    return term.key === 'instance'
      ? eventsNamed(value)
      : eventsSaying(keyWord(term.key as WordKey, value), before)
  })
  return [{ events: joinRows('UNION', rows), issues: NOTHING }]
}

/** A pasted id is that of an event, or of a trace. */
function wordNeeds(text: string, before: number): Need[] {
  const words = searchedWords(text).map((word) => {
    return { events: eventsSaying(word, before), issues: issuesSaying(word) }
  })
  const hex = hexOf(text)
  if (hex === undefined) return words
  const ids = [eventsNamed(text), eventsSaying(keyWord('trace', hex), before)]
  return [{ events: joinRows('UNION', ids), issues: NOTHING }]
}

/** The newest events are those of the issues that have the newest ones; behind the last of these issues nothing is among them. */
function ofIssuesSayingAll(needs: number, { before, limit }: Request): Condition {
  const issuesSay = times(needs, (index) => ` AND issue_id IN issues${index}`)
  const newest =
    `SELECT issue_id, (SELECT max(id) FROM events WHERE issue_id = scope.issue_id AND id < ?) AS event_row` +
    ` FROM scope WHERE 1${issuesSay} ORDER BY event_row DESC LIMIT ?`
  const least = 'SELECT CASE count(*) WHEN ? THEN min(event_row) ELSE 0 END FROM newest'
  return where(
    `SELECT event_row FROM (
       WITH newest AS MATERIALIZED (${newest}), least(event_row) AS MATERIALIZED (${least})
       SELECT e.id AS event_row FROM newest CROSS JOIN events e ON e.issue_id = newest.issue_id
       WHERE e.id >= (SELECT event_row FROM least) AND e.id < ? ORDER BY e.id DESC LIMIT ?
     )`,
    ...[before, limit, limit, before, limit],
  )
}

/** Each need is met by the event or by its issue, and one at least by the event. */
function ofEventsSayingSome(needs: number): Condition {
  if (needs === 0) return NOTHING
  const rows = times(needs, (index) => `${index === 0 ? '' : ' UNION '}SELECT event_row FROM events${index}`)
  const isMet = times(needs, (index) => ` AND (e.id IN events${index} OR +e.issue_id IN issues${index})`)
  return where(
    `SELECT e.id FROM (${rows}) AS r CROSS JOIN events e ON e.id = r.event_row WHERE +e.issue_id IN scope${isMet}`,
  )
}

function times(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join('')
}
