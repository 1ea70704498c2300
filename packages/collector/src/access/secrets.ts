import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32

/** Of a session or a one-time link. Only its hash is stored: `hashToken`. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** What a page must send along with a change: another site's page can make a browser send the cookie, but cannot read this. */
export function csrfTokenOf(sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update('csrf').digest('base64url')
}

export function isCsrfToken(text: unknown, sessionSecret: string): boolean {
  const expected = Buffer.from(csrfTokenOf(sessionSecret))
  const given = Buffer.from(String(text))
  return given.length === expected.length && timingSafeEqual(given, expected)
}
