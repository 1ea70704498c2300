import type { Encoding } from '../queue/queue.js'
import { encodingOf, UnpackFailed, unpack } from '../queue/unpack.js'
import { intakeErrors } from './errors.js'

/** @throws EncodingUnknown */
export function knownEncoding(header: string | undefined): Encoding {
  const encoding = encodingOf(header)
  if (encoding === undefined) throw new intakeErrors.EncodingUnknown()
  return encoding
}

/**
 * The body, unpacked.
 * @throws BodyTooLarge, BodyCorrupt
 */
export function openBody(bytes: Buffer, encoding: Encoding, limitBytes: number): Buffer {
  try {
    return unpack(bytes, encoding, limitBytes)
  } catch (error) {
    if (!(error instanceof UnpackFailed)) throw error
    if (error.reason === 'too_large') throw new intakeErrors.BodyTooLarge({ limitBytes })
    throw new intakeErrors.BodyCorrupt({ cause: error })
  }
}
