import { parseLenientJson } from './lenient-json.js'

export type EventPayload = Record<string, unknown>

const UUID = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i
const [OPEN, CLOSE] = [0x7b, 0x7d]
/** And what is below it: what JSON has between its words, and NUL, which lenient JSON has there too. */
const BLANK = 0x20
const NIL = '0'.repeat(32)

/** The payload of an event item; `undefined` for what is no JSON object. */
export function parseEvent(payload: Uint8Array): EventPayload | undefined {
  try {
    const event = parseLenientJson(payload)
    return isObject(event) ? event : undefined
  } catch {
    return undefined
  }
}

/**
 * A look at both ends, for whoever only wants to tell what surely is no event: parsing it would cost more than all else of taking it.
 * What this finds to be an object may be no JSON.
 */
export function looksLikeObject(payload: Uint8Array): boolean {
  let from = hasByteOrderMark(payload) ? 3 : 0
  let to = payload.length - 1
  while (from < to && (payload[from] as number) <= BLANK) from++
  while (from < to && (payload[to] as number) <= BLANK) to--
  return from < to && payload[from] === OPEN && payload[to] === CLOSE
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

export function isObject(value: unknown): value is EventPayload {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An id of an event, as 32 lower-case hexadecimal digits; `undefined` for what is none, the nil UUID too. */
export function readEventId(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 36 || !UUID.test(value)) return undefined
  const id = value.replaceAll('-', '').toLowerCase()
  return id === NIL ? undefined : id
}
