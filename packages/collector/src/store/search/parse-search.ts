import {
  canonicalKey,
  didYouMean,
  EVENT_ONLY_KEYS,
  SEARCH_KEY_NAMES,
  type SearchKey,
  searchKey,
} from './search-keys.js'
import { SearchMistake } from './search-mistake.js'
import type { SearchQuery, SearchTerm } from './search-query.js'
import { readMatch } from './value-match.js'
import { readTerms, type WrittenTerm } from './written-terms.js'

/** How long a search may be. Each word of a phrase counts as a term. */
export const SEARCH_LIMITS = { characters: 2000, terms: 50 } as const

const INSTANCE = /^urn:uuid:/i
const WORD = /[\p{L}\p{N}]+/gu

/**
 * Reads a search: free words and phrases, `key:value`, `-key:value`, `key:"two words"`, `key:val*`, `key:>10`, `has:key`;
 * values of one key joined by commas are alternatives. A pasted `urn:uuid:…` asks for that instance.
 * @param text at most 2 000 characters and 50 words and keys
 * @throws SearchMistake that says what is wrong and where, and offers the nearest key
 */
export function parseSearch(text: string): SearchQuery {
  if (text.length > SEARCH_LIMITS.characters) {
    throw new SearchMistake(
      `The search has ${text.length} characters; ${SEARCH_LIMITS.characters} are the most.`,
    )
  }
  const terms = readTerms(text).map(termOf)
  if (terms.reduce((sum, term) => sum + weightOf(term), 0) > SEARCH_LIMITS.terms) {
    throw new SearchMistake(`The search has more than ${SEARCH_LIMITS.terms} words and keys.`)
  }
  return { terms }
}

/** Whether a search says itself which status it is about, so that no default has to. */
export function asksForStatus({ terms }: SearchQuery): boolean {
  return terms.some((term) => term.kind === 'key' && (term.key === 'is' || term.key === 'status'))
}

/** Whether a search has a question that issues have no answer to. */
export function asksOnlyOfEvents({ terms }: SearchQuery): boolean {
  return terms.some((term) => term.kind === 'has' && EVENT_ONLY_KEYS.includes(term.key))
}

function weightOf(term: SearchTerm): number {
  if (term.kind === 'words') return Math.max(1, term.text.match(WORD)?.length ?? 0)
  return term.kind === 'key' ? term.matches.length : 1
}

function termOf(written: WrittenTerm): SearchTerm {
  const { at, isNegated, values } = written
  if (written.key === undefined) return { kind: 'words', text: values[0]?.text ?? '', isNegated }
  const raw = written.key.toLowerCase()
  if (raw === 'has') return { kind: 'has', key: hasKeyOf(written), isNegated }
  if (raw === 'urn' && INSTANCE.test(`urn:${values[0]?.text}`)) return instanceOf(written)
  const key = canonicalKey(written.key)
  // `TypeError: Cannot read …`, pasted.
  if (key === undefined && values.length === 0) return { kind: 'words', text: written.key, isNegated }
  if (key === undefined) throw unknownKey(written.key, at)
  if (values.length === 0) throw new SearchMistake(`\`${key}\` has no value at character ${at}.`)
  const form: SearchKey = searchKey(key)
  return { kind: 'key', key, matches: values.map((value) => readMatch({ key, form, value })), isNegated }
}

function hasKeyOf({ at, values }: WrittenTerm): string {
  const [value] = values
  if (value === undefined || values.length > 1) {
    throw new SearchMistake(`\`has\` takes one key, as in \`has:user\`, at character ${at}.`)
  }
  const key = canonicalKey(value.text)
  if (key === undefined) throw unknownKey(value.text, value.at)
  return key
}

function instanceOf({ isNegated, values }: WrittenTerm): SearchTerm {
  const matches = values.map(({ text }) => ({ kind: 'equals' as const, value: `urn:${text}` }))
  return { kind: 'key', key: 'instance', matches, isNegated }
}

function unknownKey(key: string, at: number): SearchMistake {
  const shown = key.length > 64 ? `${key.slice(0, 64)}…` : key
  return new SearchMistake(
    `There is no key \`${shown}\` (character ${at}).${didYouMean(key, [...SEARCH_KEY_NAMES, 'has'])}` +
      ` A tag is written \`tag.name:value\`; text with a colon in it stands in quotation marks.`,
  )
}
