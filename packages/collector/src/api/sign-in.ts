import type { FastifyRequest } from 'fastify'
import type { User } from '../store/people.js'
import { apiErrors } from './errors.js'

/** What the API needs of access to let people in and out. */
export interface ApiSignIn {
  /** @throws LoginFailed, TooManyLogins */
  signIn(login: { email: string; password: string; address: string }): Promise<SignedIn>
  /** @returns the value of `Set-Cookie` */
  signOut(request: FastifyRequest): Promise<string>
  /** Ends all other sessions of the user. @throws PasswordWrong, TooManyLogins */
  changePassword(
    request: FastifyRequest,
    change: { userId: number; current: string; next: string; address: string },
  ): Promise<void>
  csrfTokenOf(request: FastifyRequest): string
  /** In place of an earlier one. @returns undefined when there is no such user, or they are disabled */
  createLink(userId: number): Promise<{ link: string; expiresAt: number } | undefined>
  /** Without using it. */
  isLinkValid(token: string): Promise<boolean>
  /** Sets the password and signs in. @throws LinkInvalid, TooManyLogins */
  acceptLink(accepted: { token: string; password: string }): Promise<SignedIn>
  /** After a change of users, tokens or teams: it counts at once. */
  forget(): void
}

export interface SignedIn {
  user: User
  csrfToken: string
  /** The value of `Set-Cookie`. */
  cookie: string
}

/**
 * Nobody is signed in by a page of another site, as somebody else: a browser says where a form comes from.
 * @throws OriginForeign
 */
export function checkOrigin({ headers, host }: FastifyRequest, publicUrl: string): void {
  if (headers.origin === undefined) return
  const origin = URL.parse(headers.origin)
  if (origin === null || (origin.host !== host && origin.origin !== URL.parse(publicUrl)?.origin))
    throw new apiErrors.OriginForeign()
}
