import { type Static, Type } from '@sinclair/typebox'
import type { Team } from '../store/team.js'
import { Ids } from './shapes.js'
import { Time, timeOf } from './time-of.js'

export const TeamBody = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    memberIds: Ids,
    projectIds: Ids,
    createdAt: Time,
  },
  { title: 'Team' },
)

export function teamBody({ createdAt, ...team }: Team): Static<typeof TeamBody> {
  return { ...team, createdAt: timeOf(createdAt) }
}
