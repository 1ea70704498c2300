import { didYouMean, type SearchKey } from './search-keys.js'
import { SearchMistake } from './search-mistake.js'
import type { ValueMatch } from './search-query.js'
import { readAge, readTimeText } from './time-text.js'
import type { WrittenValue } from './written-terms.js'

interface KeyValue {
  key: string
  form: SearchKey
  value: WrittenValue
}

type Operator = Extract<ValueMatch, { kind: 'compare' }>['operator']

const COMPARED = /^(>=|<=|>|<)(.*)$/s
const NUMBER = /^\d{1,15}$/

/** What a key is to be. @throws SearchMistake for a value that its key cannot have */
export function readMatch(read: KeyValue): ValueMatch {
  if (read.form.kind === 'choice') return readChoice(read)
  if (read.form.kind === 'number') return readNumber(read)
  if (read.form.kind === 'time') return readTime(read)
  return readText(read)
}

function readText(read: KeyValue): ValueMatch {
  const { text, isQuoted } = read.value
  if (isQuoted) return { kind: 'equals', value: text }
  if (COMPARED.test(text)) {
    throw mistake(read, 'is a text and cannot be compared; in quotation marks it is looked for as it stands')
  }
  if (!text.includes('*')) return { kind: 'equals', value: text }
  if (read.form.kind === 'exact') {
    throw mistake(read, 'is looked up as a whole and can have no `*`; in quotation marks it is a star')
  }
  return { kind: 'pattern', pattern: text.replace(/\*+/g, '*') }
}

function readChoice(read: KeyValue): ValueMatch {
  const choices = read.form.kind === 'choice' ? read.form.choices : []
  const value = read.value.text.toLowerCase()
  if (choices.includes(value)) return { kind: 'equals', value }
  throw mistake(read, `is none of ${choices.join(', ')}`, didYouMean(value, choices))
}

function readNumber(read: KeyValue): ValueMatch {
  const { operator, rest } = comparison(read.value.text)
  if (NUMBER.test(rest)) {
    return operator === undefined
      ? { kind: 'equals', value: String(Number(rest)) }
      : { kind: 'compare', operator, value: Number(rest) }
  }
  throw mistake(read, 'is no number, such as `500` or `>10`')
}

/** A time alone means since then. */
function readTime(read: KeyValue): ValueMatch {
  const { operator = '>=', rest } = comparison(read.value.text)
  const ageMs = readAge(rest)
  if (ageMs !== undefined) return { kind: 'compareAge', operator, ageMs }
  const value = readTimeText(rest)
  if (value !== undefined) return { kind: 'compare', operator, value }
  throw mistake(read, 'is no time, such as `2026-11-23`, `2026-11-23T08:30Z` or `-24h` (s, m, h, d, w)')
}

function comparison(text: string): { operator?: Operator; rest: string } {
  const [, operator, rest] = COMPARED.exec(text) ?? []
  return operator === undefined ? { rest: text } : { operator: operator as Operator, rest: rest ?? '' }
}

function mistake({ key, value }: KeyValue, what: string, guess = ''): SearchMistake {
  const shown = value.text.length > 64 ? `${value.text.slice(0, 64)}…` : value.text
  return new SearchMistake(`\`${key}:${shown}\` (character ${value.at}) ${what}.${guess}`)
}
