import { type Static, Type } from '@sinclair/typebox'
import type { ApiToken, Role } from '../store/store.js'
import { oneOf } from './query.js'
import { Ids } from './shapes.js'
import { Time, timeOf } from './time-of.js'

export const RoleWord = oneOf(['admin', 'member', 'viewer'] as const satisfies readonly Role[])

export const TOKEN = {
  id: Type.Integer(),
  name: Type.String(),
  role: RoleWord,
  projectIds: Type.Union([Ids, Type.Null()], { description: 'null: every project.' }),
  createdAt: Time,
  revokedAt: Type.Union([Time, Type.Null()]),
}
export const TokenBody = Type.Object(TOKEN, { title: 'Token' })

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
