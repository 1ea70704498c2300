import { newSecret } from './secrets.js'
import { hashToken } from './tokens.js'

const VALID_MS = 24 * 3_600_000

/** A link with which somebody sets a password and signs in, once. Only its hash is stored, so it is shown once. */
export interface OneTimeLink {
  link: string
  hash: Uint8Array
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** @param publicUrl where a browser finds the collector */
export function newOneTimeLink(publicUrl: string, now: number): OneTimeLink {
  const token = newSecret()
  const link = `${publicUrl.replace(/\/+$/, '')}/welcome?token=${token}`
  return { link, hash: hashToken(token), expiresAt: now + VALID_MS }
}
