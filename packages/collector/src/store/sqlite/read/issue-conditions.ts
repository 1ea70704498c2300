import type { SearchQuery, SearchTerm } from '../../search/search-query.js'
import type { IssueFilter } from '../../store.js'
import { all, any, type Condition, not, where } from './condition.js'
import { hasFacet, hasKey, keyCondition } from './key-conditions.js'
import { issueSays } from './word-conditions.js'

/** Which issues `i` a filter lets through, but for their projects. Seen in a time means: neither gone before it nor new after it. */
export function filterCondition(filter: IssueFilter): Condition {
  const { status, severity, since, until, query, now } = filter
  const conditions: Condition[] = []
  if (status !== 'all') conditions.push(where('i.status = ?', status))
  if (severity !== undefined) conditions.push(where('i.severity = ?', severity))
  if (since !== undefined) conditions.push(where('i.last_seen_at >= ?', since))
  if (until !== undefined) conditions.push(where('i.first_seen_at <= ?', until))
  for (const key of ['environment', 'release', 'service'] as const) {
    const value = filter[key]
    if (value !== undefined) conditions.push(hasFacet(key, { kind: 'equals', value }))
  }
  if (query !== undefined) conditions.push(searchCondition(query, now))
  return all(conditions)
}

/** Which issues `i` a search means. */
export function searchCondition({ terms }: SearchQuery, now: number): Condition {
  return all(terms.map((term) => issueCondition(term, now)))
}

/** What one term asks of an issue `i`. */
export function issueCondition(term: SearchTerm, now: number): Condition {
  const condition = plain(term, now)
  return term.isNegated ? not(condition) : condition
}

function plain(term: SearchTerm, now: number): Condition {
  if (term.kind === 'words') return issueSays(term.text)
  if (term.kind === 'has') return hasKey(term.key)
  return any(term.matches.map((match) => keyCondition(term.key, match, now)))
}
