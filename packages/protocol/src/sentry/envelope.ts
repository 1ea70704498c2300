import { parseLenientJson } from './lenient-json.js'

export interface Envelope {
  header: Record<string, unknown>
  items: EnvelopeItem[]
}

export interface EnvelopeItem {
  header: { type: string; [member: string]: unknown }
  /** A part of the envelope's own bytes. */
  payload: Uint8Array
}

/** It is no envelope; the message says why, in words of our own. */
export class EnvelopeMistake extends Error {
  override name = 'EnvelopeMistake'
}

const NEWLINE = 10
const CARRIAGE_RETURN = 13
/** An SDK sends a handful; each costs memory, however short it is. */
const MAX_ITEMS = 1000
/** Of the header of an envelope, and of an item's. An SDK writes some hundred bytes. */
export const MAX_HEADER_BYTES = 16_384

/**
 * Takes an envelope apart; the payloads stay as they are.
 * @throws EnvelopeMistake
 * @see https://develop.sentry.dev/sdk/foundations/transport/envelopes/
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const header = readEnvelopeHeader(bytes)
  if (header === undefined)
    throw new EnvelopeMistake(`The header of the envelope is no JSON object, or too long.`)

  const items: EnvelopeItem[] = []
  let at = skipBlankLines(bytes, endOfLine(bytes, 0) + 1)
  while (at < bytes.length) {
    if (items.length === MAX_ITEMS) throw new EnvelopeMistake(`It has more than ${MAX_ITEMS} items.`)
    const lineEnd = endOfLine(bytes, at)
    const line = bytes.subarray(at, lineEnd)
    const item = readItem({ bytes, line, at: lineEnd + 1, number: items.length + 1 })
    items.push(item)
    at = skipBlankLines(bytes, lineEnd + 1 + item.payload.length + 1)
  }
  return { header, items }
}

/** The header of an envelope, of which no more than MAX_HEADER_BYTES are needed; `undefined` for what has none. */
export function readEnvelopeHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  return parseHeader(bytes.subarray(0, endOfLine(bytes, 0)))
}

/** @param place `at` is where the payload begins, `number` counts items from 1 */
function readItem(place: { bytes: Uint8Array; line: Uint8Array; at: number; number: number }): EnvelopeItem {
  const { bytes, line, at, number } = place
  const header = parseHeader(line)
  if (!isItemHeader(header))
    throw new EnvelopeMistake(`The header of item ${number} is no JSON object with a type, or too long.`)

  const { length } = header
  if (length === undefined || length === null)
    return { header, payload: bytes.subarray(at, endOfLine(bytes, at)) }
  if (!Number.isSafeInteger(length) || (length as number) < 0)
    throw new EnvelopeMistake(`The length of item ${number} is no number of bytes.`)

  const end = at + (length as number)
  // The newline in front of an empty payload may be missing at the very end.
  if (end > bytes.length && (length as number) > 0)
    throw new EnvelopeMistake(`Item ${number} is shorter than its length says.`)
  if (end < bytes.length && bytes[end] !== NEWLINE)
    throw new EnvelopeMistake(`Item ${number} is longer than its length says.`)
  return { header, payload: bytes.subarray(at, end) }
}

function isItemHeader(
  header: Record<string, unknown> | undefined,
): header is { type: string; [member: string]: unknown } {
  return typeof header?.type === 'string'
}

function parseHeader(line: Uint8Array): Record<string, unknown> | undefined {
  if (line.length > MAX_HEADER_BYTES) return undefined
  try {
    const header = parseLenientJson(line)
    const isObject = typeof header === 'object' && header !== null && !Array.isArray(header)
    return isObject ? (header as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const found = bytes.indexOf(NEWLINE, from)
  return found === -1 ? bytes.length : found
}

/** Some clients end their lines with CR LF; only in a payload is the CR content. There may be megabytes of them, so none is cut out. */
function skipBlankLines(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    if (bytes[at] === NEWLINE) at++
    else if (bytes[at] === CARRIAGE_RETURN && isEndOfLine(bytes, at + 1)) at += 2
    else return at
  }
}

function isEndOfLine(bytes: Uint8Array, at: number): boolean {
  return at === bytes.length || bytes[at] === NEWLINE
}
