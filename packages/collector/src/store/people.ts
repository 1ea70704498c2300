import type { Role } from './store.js'

/** Who asks: a token of the API, or a user who has signed in. */
export interface Caller {
  kind: 'token' | 'user'
  id: number
  name: string
  role: Role
  /** What may be seen; without it, every project. */
  projectIds?: readonly number[]
}

/** Somebody who can sign in. */
export interface User {
  id: number
  email: string
  name: string
  role: Role
  createdAt: number
  disabledAt: number | null
  /** Not before the first one-time link has been used. */
  hasPassword: boolean
}

export interface UserEdit {
  name?: string
  role?: Role
  isDisabled?: boolean
}

/** What has come of an edit: somebody must be left who can let others in. */
export type UserUpdate = { kind: 'updated'; user: User } | { kind: 'not_found' } | { kind: 'last_admin' }

/** What can be done to users; each is one transaction. Hashes of secrets are SHA-256, those of passwords say how they are made. */
export interface UserWrites {
  /** @throws StoreConflict when the e-mail address is taken */
  createUser(user: { email: string; name: string; role: Role }, now: number): User
  /** Disabling somebody ends their sessions and their one-time link. */
  updateUser(id: number, edit: UserEdit, now: number): UserUpdate
  /** Ends the user's one-time link, and their sessions but for this one. */
  setPassword(userId: number, changed: { password: string; keptSession: Uint8Array }): void
  /** In place of an earlier one. @returns whether there is such a user who is not disabled */
  createOneTimeLink(link: { userId: number; hash: Uint8Array; expiresAt: number }, now: number): boolean
  /** Sets the password, ends the link and all sessions. @returns whose it is, if the link is valid */
  useOneTimeLink(use: { hash: Uint8Array; password: string }, now: number): User | undefined
  /** Expired sessions are deleted on the way. @returns whose it is, unless they have been disabled */
  createSession(
    session: { userId: number; hash: Uint8Array; expiresAt: number },
    now: number,
  ): User | undefined
  endSession(hash: Uint8Array): void
}

/** What is known of users. */
export interface UserReads {
  users(): User[]
  /** Who signs in; disabled users too. The password is hashed. */
  findLogin(by: { email: string } | { userId: number }): { user: User; password: string | null } | undefined
  /** Whose link it is, if it is valid. */
  findOneTimeLink(hash: Uint8Array, now: number): User | undefined
  /** Whose session it is, unless it has ended or they have been disabled. */
  findSession(hash: Uint8Array, now: number): Caller | undefined
}

/** Characters of a password. @see NIST SP 800-63B §5.1.1.2, which asks for no other rules */
export const PASSWORD_LENGTH = { minLength: 12, maxLength: 1024 } as const
