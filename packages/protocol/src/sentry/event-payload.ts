import { parseLenientJson } from './lenient-json.js'

export type EventPayload = Record<string, unknown>

const UUID = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i
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

export function isObject(value: unknown): value is EventPayload {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An id of an event, as 32 lower-case hexadecimal digits; `undefined` for what is none, the nil UUID too. */
export function readEventId(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 36 || !UUID.test(value)) return undefined
  const id = value.replaceAll('-', '').toLowerCase()
  return id === NIL ? undefined : id
}
