import type { Caller, User, UserReads } from '../../people.js'
import type { Database } from './database.js'

/** As it comes out of the database. */
export interface UserRow extends Omit<User, 'hasPassword'> {
  password: string | null
}

/** Users for whom the condition holds. */
export function userQuery(condition: string): string {
  return `SELECT users.id, email, name, role, users.created_at AS createdAt, disabled_at AS disabledAt, password
    FROM users WHERE ${condition}`
}

/** Its password stays behind. */
export function userOf({ password, ...user }: UserRow): User {
  return { ...user, hasPassword: password !== null }
}

const OF_SESSION = userQuery(
  'users.id = (SELECT user_id FROM sessions WHERE hash = ? AND expires_at > ?) AND disabled_at IS NULL',
)
/** Takes the hash and the time. */
export const OF_LINK = userQuery(
  'users.id = (SELECT user_id FROM one_time_links WHERE hash = ? AND expires_at > ?) AND disabled_at IS NULL',
)

export function userReads(database: Database, read: <Result>(method: () => Result) => Result): UserReads {
  const find = (sql: string, ...values: (string | number | Uint8Array)[]) =>
    database.get<UserRow>(sql, ...values)
  return {
    users: () => read(() => database.all<UserRow>(`${userQuery('true')} ORDER BY users.id`).map(userOf)),
    findLogin: (by) =>
      read(() => {
        const row =
          'email' in by
            ? find(userQuery('email = ?'), by.email.trim().toLowerCase())
            : find(userQuery('users.id = ?'), by.userId)
        return row && { user: userOf(row), password: row.password }
      }),
    findOneTimeLink: (hash, now) =>
      read(() => {
        const row = find(OF_LINK, hash, now)
        return row && userOf(row)
      }),
    findSession: (hash, now) =>
      read(() => {
        const row = find(OF_SESSION, hash, now)
        return row && userCaller(database, row)
      }),
  }
}

function userCaller(database: Database, { id, name, role }: UserRow): Caller {
  const caller = { kind: 'user', id, name, role } as const
  return role === 'admin' ? caller : { ...caller, projectIds: projectsOfUser(database, id) }
}

/** Those of the user's teams, and those that no team owns. */
function projectsOfUser(database: Database, userId: number): number[] {
  return ids(
    database,
    `SELECT id FROM projects
     WHERE id NOT IN (SELECT project_id FROM team_projects)
        OR id IN (SELECT project_id FROM team_projects JOIN team_members USING (team_id) WHERE user_id = ?)`,
    userId,
  )
}

/** Whose token it is, unless it has been revoked. */
export function findToken(database: Database, hash: Uint8Array): Caller | undefined {
  const token = database.get<Pick<Caller, 'id' | 'name' | 'role'>>(
    'SELECT id, name, role FROM tokens WHERE hash = ? AND revoked_at IS NULL',
    hash,
  )
  if (token === undefined) return undefined
  const projectIds = ids(database, 'SELECT project_id AS id FROM token_projects WHERE token_id = ?', token.id)
  return { kind: 'token', ...token, ...(projectIds.length > 0 && { projectIds }) }
}

function ids(database: Database, sql: string, value: number): number[] {
  return database.all<{ id: number }>(sql, value).map(({ id }) => id)
}
