import { SearchMistake } from './search-mistake.js'

/** A value as it stands in the search. */
export interface WrittenValue {
  text: string
  /** Taken literally: no pattern, no operator. */
  isQuoted: boolean
  /** In the search, counted from 1. */
  at: number
}

/** A term as it stands in the search, not looked at closer. */
export interface WrittenTerm {
  at: number
  isNegated: boolean
  /** Before the colon; missing for words. */
  key?: string
  /** Behind the colon: none when nothing follows. Of words, exactly one. */
  values: WrittenValue[]
}

const SPACE = /\s+/y
const KEY = /([^\s:",]+):/y
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y
/** What quotes do not hold ends at a space, a comma or a quotation mark. */
const VALUE = /[^\s",]+/y
const WORD = /[^\s"]+/y

/** Splits a search into its terms, in one pass. @throws SearchMistake */
export function readTerms(search: string): WrittenTerm[] {
  const reader = new Reader(search)
  const terms: WrittenTerm[] = []
  while (reader.skipSpace()) terms.push(readTerm(reader))
  return terms
}

function readTerm(reader: Reader): WrittenTerm {
  const at = reader.at
  const isNegated = reader.take(/-(?=[^\s-])/y) !== undefined
  const key = reader.take(KEY)?.[1]
  if (key !== undefined) return { at, isNegated, key, values: readValues(reader) }
  return { at, isNegated, values: [readQuoted(reader) ?? readUnquoted(reader, WORD)] }
}

/** Alternatives, between commas. */
function readValues(reader: Reader): WrittenValue[] {
  const values: WrittenValue[] = []
  do {
    const value = readQuoted(reader) ?? readUnquoted(reader, VALUE)
    if (value.text !== '' || value.isQuoted) values.push(value)
  } while (reader.take(/,/y))
  if (reader.isInside()) throw new SearchMistake(`A space is missing at character ${reader.at}.`)
  return values
}

function readQuoted(reader: Reader): WrittenValue | undefined {
  const at = reader.at
  const quoted = reader.take(QUOTED)
  if (quoted !== undefined) return { text: withoutEscapes(quoted[1] ?? ''), isQuoted: true, at }
  if (reader.isAtQuote()) throw new SearchMistake(`The quotation mark at character ${at} is never closed.`)
  return undefined
}

function readUnquoted(reader: Reader, form: RegExp): WrittenValue {
  const at = reader.at
  return { text: reader.take(form)?.[0] ?? '', isQuoted: false, at }
}

/** Only quotation marks and backslashes need one before them: `C:\app` stays as it is. */
function withoutEscapes(quoted: string): string {
  return quoted.replace(/\\(["\\])/g, '$1')
}

/** A place in the search that moves on with everything that is taken. */
class Reader {
  readonly #text: string
  #index = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Counted from 1. */
  get at(): number {
    return this.#index + 1
  }

  take(form: RegExp): RegExpExecArray | undefined {
    form.lastIndex = this.#index
    const found = form.exec(this.#text) ?? undefined
    if (found !== undefined) this.#index = form.lastIndex
    return found
  }

  /** @returns whether there is something behind it */
  skipSpace(): boolean {
    this.take(SPACE)
    return this.#index < this.#text.length
  }

  isAtQuote(): boolean {
    return this.#text[this.#index] === '"'
  }

  isInside(): boolean {
    return this.#index < this.#text.length && !/\s/.test(this.#text[this.#index] ?? '')
  }
}
