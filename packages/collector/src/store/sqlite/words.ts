import type { ErrorEvent } from '@faultline/protocol'
import type { PreparedEvent } from '../store.js'
import { hashText } from './hash-text.js'

const WORDS_OF_ISSUE = 256
const WORDS_OF_EVENT = 64
const WORD_LENGTH = 64
/** Of one text, UTF-16 units. */
const TEXT_LENGTH = 16_384

// What FTS5's unicode61 takes for parts of a word.
const ASCII_WORD = /[a-z0-9]+/g
const WORD = /[\p{L}\p{N}\p{Co}]+/gu
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
const IS_ASCII = /^[\x00-\x7f]*$/

/** The words of a text as they are indexed, and as they have to be looked for: in lower case, the long ones cut. */
export function wordsOf(text: string): string[] {
  const folded = text.slice(0, TEXT_LENGTH).toLowerCase()
  // A mark that is a code point of its own would split its word.
  const words = (IS_ASCII.test(folded) ? folded.match(ASCII_WORD) : folded.normalize('NFC').match(WORD)) ?? []
  return words.map((word) => (word.length > WORD_LENGTH ? word.slice(0, WORD_LENGTH) : word))
}

type NamedEvent = Pick<PreparedEvent, 'event' | 'title' | 'type' | 'message' | 'culprit'>

/** The words that an issue is found by, those of its first event: title, message, in-app frames and tags. */
export function issueWords({ event, title, type, message, culprit }: NamedEvent): Set<string> {
  const words = new Set<string>()
  const add = (text: string | undefined) => addWords(words, text, WORDS_OF_ISSUE)
  for (const text of [title, type, message, culprit, event.message]) add(text)
  for (const tag of Object.values(event.tags ?? {})) add(tag)
  for (const exception of event.exceptions) {
    add(exception.type)
    add(exception.message)
  }
  for (const frame of inAppFrames(event)) {
    add(frame.function)
    add(frame.file)
  }
  return words
}

/**
 * The words that one event is found by: of its message and tags what its issue does not say already, which keeps broad words out of
 * the large index; and one for each exact value that is looked up.
 */
export function eventWords(
  { event, message }: Pick<NamedEvent, 'event' | 'message'>,
  ofIssue: ReadonlySet<string>,
): Set<string> {
  const words = new Set<string>()
  const add = (text: string | undefined) => addWords(words, text, WORDS_OF_EVENT, ofIssue)
  add(message)
  if (event.message !== message) add(event.message)
  for (const tag of Object.values(event.tags ?? {})) add(tag)
  addKeyWords(words, event)
  return words
}

/** The keys whose exact values can be looked up among events; `user` is an id, an e-mail address or a name. */
export type WordKey = 'user' | 'tenant' | 'trace' | 'url'

const KEY_LETTERS: Record<WordKey, string> = { user: 'u', tenant: 'n', trace: 't', url: 'l' }
// Eight digits to base 36. One look-up in a hundred thousand finds a stranger among ten million different values.
const KEY_WORDS = 36 ** 8
// Two digits at a time: `toString(36)` takes 0.8 µs of a number so large, and an event has three or four.
const DIGIT_PAIRS = Array.from({ length: 36 ** 2 }, (_, pair) => pair.toString(36).padStart(2, '0'))

/** The one word that stands for an exact value of a key, in any case of its letters. */
export function keyWord(key: WordKey, value: string): string {
  const number = hashText(value.toLowerCase()) % KEY_WORDS
  return KEY_LETTERS[key] + fourDigits(Math.floor(number / 36 ** 4)) + fourDigits(number % 36 ** 4)
}

function fourDigits(number: number): string {
  return `${DIGIT_PAIRS[Math.floor(number / 36 ** 2)]}${DIGIT_PAIRS[number % 36 ** 2]}`
}

export function* inAppFrames(event: ErrorEvent) {
  for (const exception of event.exceptions) {
    for (const frame of exception.frames) if (frame.inApp) yield frame
  }
}

function addKeyWords(words: Set<string>, { user, tenant, trace, request }: ErrorEvent): void {
  if (user?.id) words.add(keyWord('user', user.id))
  if (user?.email) words.add(keyWord('user', user.email))
  if (user?.name) words.add(keyWord('user', user.name))
  if (tenant) words.add(keyWord('tenant', tenant))
  if (trace?.traceId) words.add(keyWord('trace', trace.traceId))
  if (request?.url) words.add(keyWord('url', request.url))
}

function addWords(words: Set<string>, text: string | undefined, limit: number, known?: ReadonlySet<string>) {
  // Most tags are one word, and most of those the issue says.
  if (!text || words.size >= limit || known?.has(text)) return
  for (const word of wordsOf(text)) {
    if (known?.has(word)) continue
    words.add(word)
    if (words.size >= limit) return
  }
}
