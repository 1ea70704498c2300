import { keyWord, wordsOf } from '../words.js'
import { type Condition, joinRows, where } from './condition.js'
import { eventsNamed, hexOf } from './event-id.js'

/** Bounds what one search costs; the language allows no more either. */
const MOST_WORDS = 50
/** A word that very many events have is looked up in the newest of them: the rest would take half a second. */
const NEWEST_ROWS = 5000
/** Facets whose whole value may be a free word: `production`, `1.4.2`. */
const NAMES = "'environment', 'release', 'service', 'level', 'platform', 'route', 'http.status'"

/** Each word is said by an issue `i`, or by one of its newer events; or the text is a name or an id that one of its events has. */
export function issueSays(text: string): Condition {
  const words = searchedWords(text)
  if (words.length === 0) return where('1')
  const sayingAll = joinRows('INTERSECT', words.map(issuesFoundBy))
  const { sql, values } = joinRows('UNION ALL', [rowsOf(sayingAll), issuesNamed(text), ...issuesOfId(text)])
  return where(`i.id IN (${sql})`, ...values)
}

/** The words that are looked for in place of a text, each once. */
export function searchedWords(text: string): string[] {
  return [...new Set(wordsOf(text))].slice(0, MOST_WORDS)
}

/** One of some rows of events belongs to an issue `i`. */
export function hasEvent(eventRows: Condition): Condition {
  const { sql, values } = issuesOf(eventRows)
  return where(`i.id IN (${sql})`, ...values)
}

/** Issues whose own row says a word. */
export function issuesSaying(word: string): Condition {
  return where('SELECT rowid FROM issue_words WHERE issue_words MATCH ?', wordMatch(word))
}

/**
 * The newest events that say a word which their issue does not.
 * @param before row of an event: only older ones
 */
export function eventsSaying(word: string, before = Number.MAX_SAFE_INTEGER): Condition {
  const { sql, values } = eventsMatching(wordMatch(word))
  return where(
    `SELECT rowid FROM (${sql} AND rowid < ? ORDER BY rowid DESC LIMIT ${NEWEST_ROWS})`,
    ...values,
    before,
  )
}

/** @param match of `wordMatch`es, joined by AND and OR */
export function eventsMatching(match: string): Condition {
  return where('SELECT rowid FROM event_words WHERE event_words MATCH ?', match)
}

function issuesFoundBy(word: string): Condition {
  return rowsOf(joinRows('UNION ALL', [issuesSaying(word), issuesOf(eventsSaying(word))]))
}

function issuesNamed(text: string): Condition {
  return where(`SELECT issue_id FROM issue_facets WHERE key IN (${NAMES}) AND value = ? COLLATE NOCASE`, text)
}

/** A pasted id is that of an event, or of a trace. */
function issuesOfId(text: string): Condition[] {
  const hex = hexOf(text)
  if (hex === undefined) return []
  return [issuesOf(eventsNamed(text)), issuesOf(eventsSaying(keyWord('trace', hex)))]
}

function issuesOf(eventRows: Condition): Condition {
  return where(`SELECT issue_id FROM events WHERE id IN (${eventRows.sql})`, ...eventRows.values)
}

function rowsOf({ sql, values }: Condition): Condition {
  return where(`SELECT * FROM (${sql})`, ...values)
}

// Marks of New Tai Lue and Vedic that became letters after Unicode 6.1, which is the one that SQLite knows.
const NO_WORD = /[^\p{L}\p{N}\p{Co}]|[\u19b0-\u19c9\u1cf2\u1cf3]/gu

/**
 * As a string of FTS5, of one token: with `detail=none` a second one is an error, and whatever unicode61 takes for no letter or digit
 * begins one. @see https://www.sqlite.org/fts5.html#unicode61_tokenizer
 */
export function wordMatch(word: string): string {
  return `"${word.replace(NO_WORD, '')}"`
}
