import { clip } from './clip.js'

const MAX_LENGTH = 200
const MAX_READ = 1000
const UNKNOWN = 'is not valid'

// How validators put the rejected value into a message: `but received "x"` (valibot, superstruct), `, received 'x'` (zod 3),
// `(was "x")` (arktype), `, actual "x"` (effect), `but the final value was: "x"` (yup), `with value "x"` (joi).
const ECHO =
  /(?:[,:;(]\s*|\bbut )(?:but )?(?:instead )?(?:received|was|actual|got|found|given|the final value was)\b|\bwith value\b/i

/**
 * A validator's message without the value that it rejects: the part that echoes the value is cut off, and a message that still
 * holds one of the `rejected` is replaced.
 */
export function safeDetail(message: unknown, rejected: readonly unknown[]): string {
  if (typeof message !== 'string') return UNKNOWN
  const read = message.slice(0, MAX_READ)
  const echo = read.search(ECHO)
  const detail = (echo < 0 ? read : read.slice(0, echo)).trim()
  if (!hasWords(detail) || rejected.some((value) => holds(detail, value))) return UNKNOWN
  return clip(detail, MAX_LENGTH)
}

// What joi leaves of `"name" with value "x" fails to match …` says nothing.
function hasWords(detail: string): boolean {
  return !/^(?:["'`]\S*)?$/.test(detail)
}

// One or two characters are found in any sentence, and give nothing away.
function holds(detail: string, value: unknown): boolean {
  const isPrimitive = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
  if (!isPrimitive) return false
  const text = String(value)
  return text.length > 2 && hasAsWord(detail, text)
}

// A rejected `150` is no part of `Expected >=1500`.
function hasAsWord(detail: string, text: string): boolean {
  for (let at = detail.indexOf(text); at >= 0; at = detail.indexOf(text, at + 1)) {
    if (!isWordCharacter(detail[at - 1]) && !isWordCharacter(detail[at + text.length])) return true
  }
  return false
}

function isWordCharacter(character = ''): boolean {
  return /\w/.test(character)
}
