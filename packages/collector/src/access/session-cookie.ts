const NAME = 'faultline_session'
/** However much it is used. */
export const SESSION_MS = 14 * 86_400_000

/** The secret of the session that a request names; anything that cannot be one is none. */
export function readSessionCookie({
  headers,
}: {
  headers: { cookie?: string | undefined }
}): string | undefined {
  return new RegExp(`(?:^|;) *${NAME}=([\\w-]{43}) *(?:;|$)`).exec(headers.cookie ?? '')?.[1]
}

/** A value of `Set-Cookie`; an empty secret takes the cookie away. What a secret is made of needs no encoding. @see RFC 6265 §4.1 */
export function sessionCookie(secret: string, { isSecure }: { isSecure: boolean }): string {
  const maxAgeSeconds = secret === '' ? 0 : SESSION_MS / 1000
  const secure = isSecure ? '; Secure' : ''
  return `${NAME}=${secret}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly${secure}; SameSite=Lax`
}
