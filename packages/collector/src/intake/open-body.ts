import { keyInDsn, MAX_HEADER_BYTES, readEnvelopeHeader } from '@faultline/protocol/sentry'
import type { Encoding } from '../queue/queue.js'
import { encodingOf, UnpackFailed, unpack, unpackStart } from '../queue/unpack.js'
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

/**
 * The key in the header of an envelope, which is where sentry-ruby has it. As nobody is known yet, nothing behind it is unpacked.
 * @throws KeyMissing
 */
export async function keyInEnvelope(bytes: Buffer, encoding: Encoding): Promise<string> {
  const start = await unpackStart(bytes, encoding, MAX_HEADER_BYTES).catch((cause: unknown) => {
    if (!(cause instanceof UnpackFailed)) throw cause
    throw new intakeErrors.KeyMissing({ cause })
  })
  const key = keyInDsn(readEnvelopeHeader(start)?.dsn)
  if (key === undefined) throw new intakeErrors.KeyMissing()
  return key
}
