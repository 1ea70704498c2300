import { isUtf8 } from 'node:buffer'
import type { EnvelopeItem } from '@faultline/protocol/sentry'
import type { Attachment } from '../../store/store.js'

/** Of one event, together. What goes beyond is left out. */
const MAX_BYTES = 1_048_576
const MAX_COUNT = 20
const MAX_NAME_LENGTH = 200

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
  if (bytes.includes(0) || !isUtf8(bytes)) return bytes
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  const scrubbed = scrubText(text)
  return scrubbed === text ? bytes : Buffer.from(scrubbed)
}
