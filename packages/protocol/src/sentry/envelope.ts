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
/** An SDK sends a handful; each costs memory, however short it is. */
const MAX_ITEMS = 1000

/**
 * Takes an envelope apart; the payloads stay as they are.
 * @throws EnvelopeMistake
 * @see https://develop.sentry.dev/sdk/foundations/transport/envelopes/
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const headerEnd = endOfLine(bytes, 0)
  const header = parseHeader(bytes.subarray(0, headerEnd))
  if (header === undefined) throw new EnvelopeMistake('The header of the envelope is no JSON object.')

  const items: EnvelopeItem[] = []
  for (let at = headerEnd + 1; at < bytes.length; ) {
    const lineEnd = endOfLine(bytes, at)
    const line = bytes.subarray(at, lineEnd)
    at = lineEnd + 1
    if (isBlank(line)) continue
    if (items.length === MAX_ITEMS) throw new EnvelopeMistake(`It has more than ${MAX_ITEMS} items.`)
    const item = readItem({ bytes, line, at, number: items.length + 1 })
    items.push(item)
    at += item.payload.length + 1
  }
  return { header, items }
}

/** @param place `at` is where the payload begins, `number` counts items from 1 */
function readItem(place: { bytes: Uint8Array; line: Uint8Array; at: number; number: number }): EnvelopeItem {
  const { bytes, line, at, number } = place
  const header = parseHeader(line)
  if (!isItemHeader(header))
    throw new EnvelopeMistake(`The header of item ${number} is no JSON object with a type.`)

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

/** Some clients end their lines with CR LF; only in a payload is the CR content. */
function isBlank(line: Uint8Array): boolean {
  return line.length === 0 || (line.length === 1 && line[0] === 13)
}
