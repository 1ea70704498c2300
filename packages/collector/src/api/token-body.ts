import { type Static, Type } from '@sinclair/typebox'
import type { ApiToken, Role } from '../store/store.js'
import { oneOf } from './query.js'
import { Ids, orNull, Time } from './shapes.js'
import { timeOf } from './time-of.js'

export const RoleWord = oneOf(['admin', 'member', 'viewer'] as const satisfies readonly Role[])

export const TokenBody = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  role: RoleWord,
  /** null: every project */
  projectIds: orNull(Ids),
  createdAt: Time,
  revokedAt: orNull(Time),
})

export function tokenBody(token: ApiToken): Static<typeof TokenBody> {
  const { id, name, role, projectIds, createdAt, revokedAt } = token
  return {
    id,
    name,
    role,
    projectIds: projectIds === undefined ? null : [...projectIds],
    createdAt: timeOf(createdAt),
    revokedAt: revokedAt === null ? null : timeOf(revokedAt),
  }
}
