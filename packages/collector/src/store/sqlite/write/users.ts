import type { DatabaseSync } from 'node:sqlite'
import type { User, UserEdit, UserUpdate, UserWrites } from '../../people.js'
import { StoreConflict } from '../../store.js'
import { OF_LINK, type UserRow, userOf, userQuery } from '../read/users.js'
import { inTransaction } from '../transaction.js'

const FIND = userQuery('users.id = ?')
const FIND_BY_EMAIL = userQuery('email = ?')

/** People come and go seldom: statements are prepared when they are needed. */
export function userWrites(database: DatabaseSync): UserWrites {
  const run = (sql: string, ...values: (string | number | Uint8Array | null)[]) =>
    database.prepare(sql).run(...values)
  const find = (sql: string, ...values: (string | number | Uint8Array)[]): User | undefined => {
    const row = database.prepare(sql).get(...values) as UserRow | undefined
    return row && userOf(row)
  }
  const findActive = (id: number) => {
    const user = find(FIND, id)
    return user?.disabledAt === null ? user : undefined
  }
  const endLink = (userId: number) => run('DELETE FROM one_time_links WHERE user_id = ?', userId)
  const endSessions = (userId: number, kept: Uint8Array = new Uint8Array()) =>
    run('DELETE FROM sessions WHERE user_id = ? AND hash <> ?', userId, kept)
  const setPassword = (userId: number, password: string, keptSession?: Uint8Array) => {
    run('UPDATE users SET password = ? WHERE id = ?', password, userId)
    endLink(userId)
    endSessions(userId, keptSession)
  }
  const isLastAdmin = ({ id, role, disabledAt }: User) =>
    role === 'admin' &&
    disabledAt === null &&
    find(userQuery(`role = 'admin' AND disabled_at IS NULL AND users.id <> ?`), id) === undefined

  const create: UserWrites['createUser'] = ({ email, name, role }, now) => {
    const written = email.trim().toLowerCase()
    if (find(FIND_BY_EMAIL, written) !== undefined)
      throw new StoreConflict(`There is a user ${written} already.`)
    const { lastInsertRowid } = run(
      'INSERT INTO users (email, name, role, created_at) VALUES (?, ?, ?, ?)',
      written,
      name.trim(),
      role,
      now,
    )
    return find(FIND, Number(lastInsertRowid)) as User
  }

  const update = (id: number, edit: UserEdit, now: number): UserUpdate => {
    const user = find(FIND, id)
    if (user === undefined) return { kind: 'not_found' }
    const { name = user.name, role = user.role, isDisabled = user.disabledAt !== null } = edit
    if ((isDisabled || role !== 'admin') && isLastAdmin(user)) return { kind: 'last_admin' }
    const disabledAt = isDisabled ? (user.disabledAt ?? now) : null
    run(
      'UPDATE users SET name = ?, role = ?, disabled_at = ? WHERE id = ?',
      name.trim(),
      role,
      disabledAt,
      id,
    )
    if (isDisabled) {
      endLink(id)
      endSessions(id)
    }
    return { kind: 'updated', user: find(FIND, id) as User }
  }

  const createLink: UserWrites['createOneTimeLink'] = ({ userId, hash, expiresAt }, now) => {
    if (findActive(userId) === undefined) return false
    endLink(userId)
    run('INSERT INTO one_time_links VALUES (?, ?, ?, ?)', hash, userId, now, expiresAt)
    return true
  }

  const useLink: UserWrites['useOneTimeLink'] = ({ hash, password }, now) => {
    const user = find(OF_LINK, hash, now)
    if (user === undefined) return undefined
    setPassword(user.id, password)
    return { ...user, hasPassword: true }
  }

  const createSession: UserWrites['createSession'] = ({ userId, hash, expiresAt }, now) => {
    run('DELETE FROM sessions WHERE expires_at <= ?', now)
    const user = findActive(userId)
    if (user !== undefined) run('INSERT INTO sessions VALUES (?, ?, ?, ?)', hash, userId, now, expiresAt)
    return user
  }

  const atOnce = <Result>(work: () => Result) => inTransaction(database, work)
  return {
    createUser: (user, now) => atOnce(() => create(user, now)),
    updateUser: (id, edit, now) => atOnce(() => update(id, edit, now)),
    setPassword: (userId, { password, keptSession }) =>
      atOnce(() => setPassword(userId, password, keptSession)),
    createOneTimeLink: (link, now) => atOnce(() => createLink(link, now)),
    useOneTimeLink: (use, now) => atOnce(() => useLink(use, now)),
    createSession: (session, now) => atOnce(() => createSession(session, now)),
    endSession: (hash) => atOnce(() => void run('DELETE FROM sessions WHERE hash = ?', hash)),
  }
}
