import { fastifyCookie } from '@fastify/cookie'

const NAME = 'faultline_session'
/** However much it is used. */
export const SESSION_MS = 14 * 86_400_000

/** The secret of the session that a request names. */
export function readSessionCookie({
  headers,
}: {
  headers: { cookie?: string | undefined }
}): string | undefined {
  return headers.cookie === undefined ? undefined : fastifyCookie.parse(headers.cookie)[NAME]
}

/** A value of `Set-Cookie`. An empty secret takes the cookie away. */
export function sessionCookie(secret: string, { isSecure }: { isSecure: boolean }): string {
  return fastifyCookie.serialize(NAME, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure,
    maxAge: secret === '' ? 0 : SESSION_MS / 1000,
  })
}
