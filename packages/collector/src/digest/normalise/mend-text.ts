/// <reference lib="es2024.string" />
const REPLACEMENT = '\uFFFD'
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const NUL = /\u0000/g

/**
 * Replaces what no database and no UTF-8 can hold, NUL characters and lone surrogates, in every text and name of a value.
 * @param value plain data of limited depth, as `truncateEvent` leaves it
 * @returns the very same value where there are none
 */
export function mendText<Value>(value: Value): Value {
  return isFit(value) ? value : (mend(value) as Value)
}

/**
 * Whether JSON surely has no text to mend: in UTF-8 there can be some only as escapes, or as the bare NUL that Sentry's
 * clients are forgiven. One look at a whole body costs a fiftieth of
 * one at every text.
 * @param json the JSON itself, not yet decoded, but no base64 of it
 */
export function isFitJson(json: Buffer): boolean {
  if (json.includes(0)) return false
  return !json.includes('\\u') || !/\\u(?:0000|d[89a-f])/i.test(json.toString('latin1'))
}

/** Costs a tenth of mending, and nearly all are fit. */
function isFit(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (!isFit(value[at])) return false
    return true
  }
  for (const name in value) if (!isFit(name) || !isFit((value as Record<string, unknown>)[name])) return false
  return true
}

function mend(value: unknown): unknown {
  if (typeof value === 'string') return mendOne(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(mend)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [mendOne(name), mend(member)]))
}

function mendOne(text: string): string {
  return text.toWellFormed().replace(NUL, REPLACEMENT)
}
