import type { UserReads, UserWrites } from '../store/people.js'
import type { Remote } from '../store/store.js'
import type { SignIn } from './sign-in.js'

const FIRST_ADMIN = { email: 'admin@localhost', name: 'Admin', role: 'admin' } as const

export interface FirstAdminOptions {
  reads: Remote<UserReads>
  writes: Remote<UserWrites>
  signIn: Pick<SignIn, 'createLink'>
  /** Milliseconds since 1970. */
  now(): number
}

/** While nobody has ever signed in: makes the first administrator, if there is no user at all, and gives a new link for them. */
export async function firstAdminLink(options: FirstAdminOptions): Promise<string | undefined> {
  const { reads, writes, signIn, now } = options
  const users = await reads.users()
  if (users.some(({ hasPassword }) => hasPassword)) return undefined
  const admin =
    users.length === 0
      ? await writes.createUser(FIRST_ADMIN, now())
      : users.find(({ email }) => email === FIRST_ADMIN.email)
  return admin && (await signIn.createLink(admin.id))?.link
}
