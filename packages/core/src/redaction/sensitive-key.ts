import { SENSITIVE_LAST_WORDS, SENSITIVE_WORD_ENDS, SENSITIVE_WORDS } from './sensitive.js'

/** More different keys than a service has; hostile bodies start the cache over. */
const CACHED_KEYS = 2000
const CACHED_KEY_LENGTH = 64
const READ_KEY_LENGTH = 256

/** `TokenExpiredError: jwt expired` is how a stack begins. */
const ERROR_CLASS = /^[A-Z]\w{0,200}(?:Error|Exception)$/

/** Tells by a key's words whether its value is sensitive. */
export function createKeyMatcher(extraKeys: readonly string[]): (key: string) => boolean {
  const extra = extraKeys.map(wordsOf).filter((words) => words.length > 0)
  const sensitive = new Set([...SENSITIVE_WORDS, ...extra.map((words) => words.join(''))])
  const longest = extra.reduce((most, words) => Math.max(most, words.length), 2)
  const known = new Map<string, boolean>()

  return (key) => {
    let answer = known.get(key)
    if (answer !== undefined) return answer
    answer = !ERROR_CLASS.test(key) && hasSensitiveWord(wordsOf(key), sensitive, longest)
    if (known.size >= CACHED_KEYS) known.clear()
    if (key.length <= CACHED_KEY_LENGTH) known.set(key, answer)
    return answer
  }
}

/** `xAccessToken2` → `x access token` */
export function wordsOf(key: string): string[] {
  return key
    .slice(0, READ_KEY_LENGTH)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .map((word) => word.replace(/(?<=\p{L})\d{1,9}$/u, ''))
    .filter((word) => word !== '')
}

function hasSensitiveWord(words: string[], sensitive: ReadonlySet<string>, longest: number): boolean {
  for (let start = 0; start < words.length; start++) {
    let joined = ''
    for (let at = start; at < start + longest && at < words.length; at++) {
      joined += words[at]
      if (sensitive.has(joined) || (joined.endsWith('s') && sensitive.has(joined.slice(0, -1)))) return true
    }
    if (SENSITIVE_WORD_ENDS.test((words[start] ?? '').slice(-20))) return true
  }
  return SENSITIVE_LAST_WORDS.has(words.at(-1) ?? '')
}
