import type { SearchTerm } from '../../search/search-query.js'
import { keyWord, type WordKey } from '../words.js'
import { type Condition, joinRows, where } from './condition.js'
import type { Database } from './database.js'
import { eventsNamed, hexOf } from './event-id.js'
import { eventsMatching, eventsSaying, issuesSaying, wordMatch } from './word-conditions.js'

/** The newest events that may have what a search asks of events themselves. */
export interface Source {
  rows: number[]
  /** All that have it and are not older are among them. */
  end: number
  /** Words that each of them, or its issue, is still to say. */
  words: string[]
  /** What finds it, unless that is an id. */
  match?: string
}

const WORD_KEYS: readonly string[] = ['user', 'tenant', 'trace', 'url'] satisfies WordKey[]
/** How many rows of the index are looked at for one page: with those of a common word it would take seconds. */
const ROWS_AT_ONCE = 5000

/** By an id if there is one; else by all that no issue says; else by anything that is asked for. */
export function sourceOf(
  database: Database,
  terms: readonly SearchTerm[],
  { words, before }: { words: string[]; before: number },
): Source {
  const [id] = terms.flatMap((term) => idRows(term, before))
  if (id !== undefined) return { ...newest(database, id, before), words }
  const isSaid = (word: string) => {
    const { sql, values } = issuesSaying(word)
    return database.get(`${sql} LIMIT 1`, ...values) !== undefined
  }
  const said = words.filter(isSaid)
  const required = [
    ...words.filter((word) => !said.includes(word)).map(wordMatch),
    ...terms.flatMap(keyMatches),
  ]
  const matches = required.length > 0 ? required.join(' AND ') : said.map(wordMatch).join(' OR ')
  if (matches === '') return { rows: [], end: 0, words }
  return { ...newest(database, eventsMatching(matches), before), words: said, match: matches }
}

function newest(
  database: Database,
  { sql, values }: Condition,
  before: number,
): Pick<Source, 'rows' | 'end'> {
  const rows = database
    .all<{ row: number }>(
      `SELECT rowid AS row FROM (${sql}) WHERE rowid < ? ORDER BY rowid DESC LIMIT ${ROWS_AT_ONCE}`,
      ...values,
      before,
    )
    .map(({ row }) => row)
  return { rows, end: rows.length < ROWS_AT_ONCE ? 0 : (rows.at(-1) ?? 0) }
}

/** Rows of what has one of the ids that a term asks for: a pasted one is that of an event, or of a trace. */
function idRows(term: SearchTerm, before: number): Condition[] {
  if (term.kind === 'has' || !isOfIndex(term)) return []
  if (term.kind === 'words') {
    const trace = eventsSaying(keyWord('trace', hexOf(term.text) ?? ''), before)
    return [unionOf([eventsNamed(term.text), trace])]
  }
  return term.key === 'instance' ? [unionOf(valuesOf(term).map(eventsNamed))] : []
}

function unionOf(rows: readonly Condition[]): Condition {
  const { sql, values } = joinRows('UNION', rows)
  return where(`WITH named(rowid) AS (${sql}) SELECT rowid FROM named`, ...values)
}

function keyMatches(term: SearchTerm): string[] {
  if (term.kind !== 'key' || !WORD_KEYS.includes(term.key)) return []
  const words = valuesOf(term).map((value) => wordMatch(keyWord(term.key as WordKey, value)))
  return [`(${words.join(' OR ')})`]
}

function valuesOf({ matches }: Extract<SearchTerm, { kind: 'key' }>): string[] {
  return matches.map((match) => (match.kind === 'equals' ? match.value : ''))
}

/** Whether no issue can say it in the place of its events. */
export function isOfIndex(term: SearchTerm): boolean {
  if (term.isNegated || term.kind === 'has') return false
  return term.kind === 'words' ? hexOf(term.text) !== undefined : isIndexed(term.key)
}

export function isIndexed(key: string): boolean {
  return key === 'instance' || WORD_KEYS.includes(key)
}
