import { isUtf8 } from 'node:buffer'
import type { EnvelopeItem } from '@faultline/protocol/sentry'
import type { Attachment } from '../../store/store.js'

/** Of one event, together. What goes beyond is left out. */
const MAX_BYTES = 1_048_576
const MAX_COUNT = 20
const MAX_NAME_LENGTH = 200
/** Of text there are fewer control characters; compressed data has one in ten. */
const CONTROLS_ONE_IN = 16
/** How PNG, JPEG, GIF, WebP, PDF, ZIP, gzip, zstd, minidumps and ELF begin. */
const BINARY = [
  '89504e47 ffd8ff 47494638 52494646 25504446 504b0304 1f8b 28b52ffd 4d444d50 7f454c46',
].flatMap((all) => all.split(' ').map((magic) => [...Buffer.from(magic, 'hex')]))
/** Those of them that are letters begin a binary only where, this near, something follows that is no plain text. */
const NEAR_BYTES = 32

/** As its sender has it: not scrubbed. */
export interface RawAttachment {
  name: string
  contentType: string
  bytes: Uint8Array
}

export function rawAttachment({ header, payload }: EnvelopeItem): RawAttachment {
  const { filename, content_type: contentType } = header
  return {
    name: typeof filename === 'string' ? filename.slice(0, MAX_NAME_LENGTH) : '',
    contentType:
      typeof contentType === 'string' ? contentType.slice(0, MAX_NAME_LENGTH) : 'application/octet-stream',
    bytes: payload,
  }
}

/** What is kept with an event: text without its secrets, and the rest as it is. */
export function attachmentsOf(
  eventId: string,
  raw: readonly RawAttachment[],
  scrubText: (text: string) => string,
): Attachment[] {
  const kept: Attachment[] = []
  let room = MAX_BYTES
  for (const { name, contentType, bytes } of raw) {
    if (bytes.length > room || kept.length === MAX_COUNT) continue
    room -= bytes.length
    kept.push({ eventId, name: scrubText(name), contentType, bytes: scrubBytes(bytes, scrubText) })
  }
  return kept
}

/** What its sender calls it says less of whether it is text than the bytes. */
function scrubBytes(bytes: Uint8Array, scrubText: (text: string) => string): Uint8Array {
  const encoding = encodingOf(bytes)
  if (encoding === undefined) return bytes
  const text = decode(bytes, encoding)
  const scrubbed = scrubText(text)
  if (scrubbed === text) return bytes
  return encoding === 'utf16be' ? Buffer.from(scrubbed, 'utf16le').swap16() : Buffer.from(scrubbed, encoding)
}

function decode(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding !== 'utf16be')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding)
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 2))
  return Buffer.from(whole).swap16().toString('utf16le')
}

type Encoding = 'utf8' | 'latin1' | 'utf16le' | 'utf16be'

/** Where text is no UTF-8, as a log that was cut, each byte is a character: what is not scrubbed stays as it is. */
function encodingOf(bytes: Uint8Array): Encoding | undefined {
  if (isBinary(bytes)) return undefined
  const utf16 = utf16Of(bytes)
  if (utf16 !== undefined) return utf16
  // A log that was emptied while it was written begins with NULs.
  const text = bytes.subarray(bytes.findIndex((byte) => byte !== 0))
  if (controlsIn(text) > text.length / CONTROLS_ONE_IN) return undefined
  return isUtf8(bytes) ? 'utf8' : 'latin1'
}

function isBinary(bytes: Uint8Array): boolean {
  const near = bytes.subarray(0, NEAR_BYTES)
  const isPlain = controlsIn(near) === 0 && near.every((byte) => byte < 0x80)
  return !isPlain && BINARY.some((magic) => magic.every((byte, at) => bytes[at] === byte))
}

/** By the mark of its byte order, or by two letters. */
function utf16Of([a, b, c, d]: Uint8Array): Encoding | undefined {
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return 'utf16le'
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return 'utf16be'
  return undefined
}

/** Control characters, but for those of text: tab to carriage return, and escape for its colours. */
function controlsIn(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) count++
  return count
}
