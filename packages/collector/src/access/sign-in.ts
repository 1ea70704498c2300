import type { UserReads, UserWrites } from '../store/people.js'
import type { Remote } from '../store/store.js'
import type { Callers } from './callers.js'
import { accessErrors } from './errors.js'
import type { LoginAttempt, LoginThrottle } from './login-throttle.js'
import { newOneTimeLink } from './one-time-link.js'
import { type Passwords, TooManyPasswords } from './passwords.js'
import { csrfTokenOf, newSecret } from './secrets.js'
import { readSessionCookie, SESSION_MS, sessionCookie } from './session-cookie.js'
import { hashToken } from './tokens.js'

const BUSY_SECONDS = 5

export interface SignInOptions {
  reads: Remote<UserReads>
  writes: Remote<UserWrites>
  passwords: Passwords
  throttle: LoginThrottle
  callers: Pick<Callers, 'forget'>
  publicUrl(): string
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds that never go back; only differences count. */
  clock(): number
}

interface PasswordChange {
  userId: number
  current: string
  next: string
  address: string
}

type WithCookie = { headers: { cookie?: string | undefined } }

/** What the API needs of it is described there: `ApiSignIn`. */
export type SignIn = ReturnType<typeof createSignIn>

/** Signing in and out, passwords and one-time links. */
export function createSignIn(options: SignInOptions) {
  const { reads, writes, passwords, throttle, callers, publicUrl, now, clock } = options
  const cookieOf = (secret: string) => sessionCookie(secret, { isSecure: publicUrl().startsWith('https:') })
  const sessionOf = (request: WithCookie) => readSessionCookie(request) ?? ''

  const startSession = async (userId: number) => {
    const secret = newSecret()
    const session = { userId, hash: hashToken(secret), expiresAt: now() + SESSION_MS }
    const user = await writes.createSession(session, now())
    if (user === undefined) throw new accessErrors.LoginFailed()
    return { user, csrfToken: csrfTokenOf(secret), cookie: cookieOf(secret) }
  }

  const isRight = async (attempt: LoginAttempt, password: string, hash: string | null | undefined) => {
    const retryAfterSeconds = throttle.attempt(attempt, clock())
    if (retryAfterSeconds > 0) throw new accessErrors.TooManyLogins({ retryAfterSeconds })
    return inRoom(passwords.isRight(password, hash))
  }

  return {
    async signIn({ email, password, address }: { email: string; password: string; address: string }) {
      const login = await reads.findLogin({ email })
      const attempt = { account: email, address }
      const mayEnter = await isRight(attempt, password, login?.password)
      if (!mayEnter || login === undefined || login.user.disabledAt !== null)
        throw new accessErrors.LoginFailed()
      throttle.succeeded(attempt)
      return startSession(login.user.id)
    },

    async signOut(request: WithCookie) {
      await writes.endSession(hashToken(sessionOf(request)))
      callers.forget()
      return cookieOf('')
    },

    async changePassword(request: WithCookie, { userId, current, next, address }: PasswordChange) {
      const login = await reads.findLogin({ userId })
      const attempt = { account: login?.user.email ?? '', address }
      if (!(await isRight(attempt, current, login?.password))) throw new accessErrors.PasswordWrong()
      throttle.succeeded(attempt)
      const password = await inRoom(passwords.hash(next))
      await writes.setPassword(userId, { password, keptSession: hashToken(sessionOf(request)) })
      callers.forget()
    },

    csrfTokenOf: (request: WithCookie) => csrfTokenOf(sessionOf(request)),

    async createLink(userId: number) {
      const { hash, ...link } = newOneTimeLink(publicUrl(), now())
      const isMade = await writes.createOneTimeLink({ userId, hash, expiresAt: link.expiresAt }, now())
      return isMade ? link : undefined
    },

    isLinkValid: async (token: string) =>
      (await reads.findOneTimeLink(hashToken(token), now())) !== undefined,

    async acceptLink({ token, password }: { token: string; password: string }) {
      const hash = hashToken(token)
      // Before the work of hashing: whoever has no link gets none of it.
      if ((await reads.findOneTimeLink(hash, now())) === undefined) throw new accessErrors.LinkInvalid()
      const use = { hash, password: await inRoom(passwords.hash(password)) }
      const user = await writes.useOneTimeLink(use, now())
      if (user === undefined) throw new accessErrors.LinkInvalid()
      callers.forget()
      return startSession(user.id)
    },

    forget: callers.forget,
  }
}

/** @throws TooManyLogins when too many passwords wait for their turn */
async function inRoom<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof TooManyPasswords)) throw error
    throw new accessErrors.TooManyLogins({ retryAfterSeconds: BUSY_SECONDS })
  }
}
