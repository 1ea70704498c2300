import { inflateSync } from 'node:zlib'
import { type EventPayload, isObject } from './event-payload.js'
import { parseLenientJson } from './lenient-json.js'

/** It is no event; the message says why, in words of our own. */
export class StoreMistake extends Error {
  override name = 'StoreMistake'
  /** Unpacked, it would be larger than the limit. */
  readonly isTooLarge: boolean
  constructor(
    message: string,
    { isTooLarge = false, ...options }: ErrorOptions & { isTooLarge?: boolean } = {},
  ) {
    super(message, options)
    this.isTooLarge = isTooLarge
  }
}

/**
 * The event of a `/store/` body: JSON, base64 of JSON, or base64 of zlib of JSON.
 * @param limitBytes of the JSON
 * @throws StoreMistake
 */
export function parseStore(bytes: Uint8Array, limitBytes: number): EventPayload {
  const json = looksLikeBase64(bytes) ? unpackBase64(bytes, limitBytes) : bytes
  const event = parsed(json)
  if (!isObject(event)) throw new StoreMistake('The event is no JSON object.')
  return event
}

function parsed(json: Uint8Array): unknown {
  try {
    return parseLenientJson(json)
  } catch (cause) {
    throw new StoreMistake('The body is neither JSON nor base64 of JSON.', { cause })
  }
}

/** JSON of an event begins with a brace, a blank or a byte order mark: none of them is a digit of base64. */
function looksLikeBase64(bytes: Uint8Array): boolean {
  const [first = 0] = bytes
  return /[A-Za-z\d+/]/.test(String.fromCharCode(first))
}

function unpackBase64(bytes: Uint8Array, limitBytes: number): Uint8Array {
  const decoded = Buffer.from(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
    'base64',
  )
  if (((decoded[0] ?? 0) & 0x0f) !== 8) return decoded
  try {
    return inflateSync(decoded, { maxOutputLength: limitBytes })
  } catch (cause) {
    const isTooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    const message = isTooLarge
      ? 'The event is too large, unpacked.'
      : 'The body is neither JSON nor base64 of JSON.'
    throw new StoreMistake(message, { isTooLarge, cause })
  }
}
