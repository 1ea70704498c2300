import { LEVELS, SEVERITIES } from '@faultline/protocol'
import { nearest } from './nearest.js'

/** What is known about a key: how its values are written. */
export type SearchKey =
  | { kind: 'text' | 'number' | 'time' }
  /** Looked up as a whole: no patterns. */
  | { kind: 'exact' }
  /** One of these words. */
  | { kind: 'choice'; choices: readonly string[] }

const text: SearchKey = { kind: 'text' }
const exact: SearchKey = { kind: 'exact' }
const number: SearchKey = { kind: 'number' }
const time: SearchKey = { kind: 'time' }
const choice = (choices: readonly string[]): SearchKey => ({ kind: 'choice', choices })

const STATUSES = ['unresolved', 'resolved', 'muted'] as const

/** The keys of the search language; tags come on top, as `tag.region`. */
export const SEARCH_KEYS = {
  is: choice([...STATUSES, 'new', 'regressed', 'assigned', 'unassigned']),
  status: choice(STATUSES),
  severity: choice(SEVERITIES),
  level: choice(LEVELS),
  type: text,
  message: text,
  file: text,
  function: text,
  service: text,
  environment: text,
  release: text,
  user: exact,
  tenant: exact,
  assigned: text,
  trace: exact,
  instance: exact,
  url: exact,
  route: text,
  'http.status': number,
  first: time,
  last: time,
  count: number,
  users: number,
  project: text,
} as const satisfies Record<string, SearchKey>

export type SearchKeyName = keyof typeof SEARCH_KEYS

export const SEARCH_KEY_NAMES = Object.keys(SEARCH_KEYS) as SearchKeyName[]

/** Issues do not know which of them their events have. */
export const EVENT_ONLY_KEYS: readonly string[] = ['tenant', 'trace', 'url'] satisfies SearchKeyName[]

const TAG = 'tag.'

/** The name of the tag that a key asks for. */
export function tagOf(key: string): string | undefined {
  return key.startsWith(TAG) && key.length > TAG.length ? key.slice(TAG.length) : undefined
}

export function isKeyName(key: string): key is SearchKeyName {
  return Object.hasOwn(SEARCH_KEYS, key)
}

/** A key as the language writes it, or `undefined` for what is none. Only tags have capital letters of their own. */
export function canonicalKey(written: string): string | undefined {
  const lower = written.toLowerCase()
  if (isKeyName(lower)) return lower
  if (!lower.startsWith(TAG) || written.length === TAG.length) return undefined
  return TAG + written.slice(TAG.length)
}

export function searchKey(key: string): SearchKey {
  return isKeyName(key) ? SEARCH_KEYS[key] : text
}

/** `Did you mean …?` with a space before it, or nothing. */
export function didYouMean(written: string, candidates: readonly string[]): string {
  const meant = nearest(written, candidates)
  return meant === undefined ? '' : ` Did you mean \`${meant}\`?`
}
