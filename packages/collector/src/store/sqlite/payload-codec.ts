import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { ErrorEvent, ExceptionRecord, StackFrame } from '@faultline/protocol'

/** What is written today. */
export const CODEC = 1
/** Without a dictionary: of events whose issue's was taken away from them, by an erasure. */
export const PLAIN_CODEC = 2

export interface Payload {
  event: ErrorEvent
  /** Paths of what was filtered. */
  scrubbed: string[]
}

/** What a payload is read with. */
export interface PayloadContext {
  /** Of the event's issue, see `decodeDictionary`. */
  dictionary: Uint8Array
  /** 32 hexadecimal digits: the event's. */
  eventId: string
  /** By the id in `stacks`. */
  framesOf: (stackId: number) => StackFrame[]
}

// deflate looks back no further.
const DICTIONARY_BYTES = 32_768
// What is left of such a text is hardly worth Huffman codes of its own: without them it is 6 bytes more, and 6 of 21 µs less.
const SHORT_BYTES = 4096

// In the place of an id that is in the row of its event anyway, and that no compression would make smaller.
const PLAIN_ID = 0
const HYPHENATED_ID = 1
type StoredId = string | typeof PLAIN_ID | typeof HYPHENATED_ID

/** An event as it is stored: without the frames, which many events share. */
interface StoredEventText extends Omit<ErrorEvent, 'id' | 'exceptions'> {
  id: StoredId
  exceptions: (Omit<ExceptionRecord, 'frames'> & { frames: number })[]
}

/** The text of a payload, to be compressed with the dictionary of its issue. @param stackOf the id of these frames in `stacks` */
export function payloadText({ event, scrubbed }: Payload, stackOf: (frames: StackFrame[]) => number): Buffer {
  const stored: StoredEventText = {
    ...event,
    id: shortenId(event.id),
    exceptions: event.exceptions.map((exception) => ({ ...exception, frames: stackOf(exception.frames) })),
  }
  return Buffer.from(JSON.stringify([stored, scrubbed]))
}

/** The dictionary of an issue whose first event has this text: a copy, for a view would keep all of the text in memory. */
export function dictionaryOf(text: Uint8Array): Uint8Array {
  return new Uint8Array(text.subarray(0, DICTIONARY_BYTES))
}

export function compress(text: Uint8Array, dictionary: Uint8Array): Uint8Array {
  return deflateRawSync(text, {
    level: constants.Z_BEST_SPEED,
    dictionary,
    windowBits: windowBitsFor(dictionary.length + text.length),
    memLevel: 5,
    chunkSize: 2048,
    strategy: text.length <= SHORT_BYTES ? constants.Z_FIXED : constants.Z_DEFAULT_STRATEGY,
  })
}

/** The least window that sees all of it. zlib clears what it has: with its defaults that is half of the time. */
function windowBitsFor(bytes: number): number {
  const LOOKAHEAD_BYTES = 262
  const bits = 32 - Math.clz32(bytes + LOOKAHEAD_BYTES)
  return Math.min(Math.max(bits, constants.Z_MIN_WINDOWBITS + 1), constants.Z_MAX_WINDOWBITS)
}

/** Reads what any version has written: but for erasures, what is stored is never rewritten. */
export function decodePayload(codec: number, payload: Uint8Array, context: PayloadContext): Payload {
  return readPayloadText(decompress(codec, payload, context.dictionary), context)
}

/** What was given to `compress`. */
export function decompress(codec: number, payload: Uint8Array, dictionary: Uint8Array): Buffer {
  if (codec === CODEC) return inflateRawSync(payload, { dictionary })
  if (codec === PLAIN_CODEC) return inflateRawSync(payload)
  throw new Error(`The payload has codec ${codec}, which only a newer version can read.`)
}

/** Reads what `payloadText` has written. */
export function readPayloadText(
  text: Uint8Array,
  { eventId, framesOf }: Omit<PayloadContext, 'dictionary'>,
): Payload {
  const [stored, scrubbed]: [StoredEventText, string[]] = JSON.parse(Buffer.from(text).toString())
  const exceptions = stored.exceptions.map((exception) => ({
    ...exception,
    frames: framesOf(exception.frames),
  }))
  return { event: { ...stored, id: restoreId(stored.id, eventId), exceptions }, scrubbed }
}

/** As it is stored: most issues have few events, and then their dictionaries are most of their disk. */
export function encodeDictionary(dictionary: Uint8Array): Uint8Array {
  return deflateRawSync(dictionary)
}

/** Reads `dictionary` of `dictionaries`: a copy, for zlib's own output stands in 16 KiB. */
export function decodeDictionary(stored: Uint8Array): Uint8Array {
  return new Uint8Array(inflateRawSync(stored))
}

/** @param frames their JSON */
export function encodeFrames(frames: string): Uint8Array {
  return deflateRawSync(frames)
}

/** Reads `frames` of `stacks`. */
export function decodeFrames(frames: Uint8Array): StackFrame[] {
  return JSON.parse(inflateRawSync(frames).toString())
}

const PLAIN = /^[0-9a-f]{32}$/
const HYPHENATED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function shortenId(id: string): StoredId {
  if (PLAIN.test(id)) return PLAIN_ID
  return HYPHENATED.test(id) ? HYPHENATED_ID : id
}

function restoreId(stored: StoredId, id: string): string {
  if (stored === PLAIN_ID) return id
  if (stored !== HYPHENATED_ID) return stored
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`
}
