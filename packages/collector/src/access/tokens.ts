import { createHash, randomBytes } from 'node:crypto'

/** What every token of the API begins with, so that scanners for secrets can find it. */
export const TOKEN_PREFIX = 'flt_'
const TOKEN_BYTES = 24

/** A new token of the API. Only its hash is stored, so it is shown once. */
export function newToken(): string {
  return TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url')
}

/** What is shown, and what is stored. */
export function newHashedToken(): { token: string; hash: Uint8Array } {
  const token = newToken()
  return { token, hash: hashToken(token) }
}

/** SHA-256: a token has 192 random bits, so that nothing slower is needed. */
export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}
