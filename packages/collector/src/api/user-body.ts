import { type Static, Type } from '@sinclair/typebox'
import type { User } from '../store/people.js'
import { oneOf } from './query.js'
import { Time, timeOf } from './time-of.js'

export const Role = oneOf(['viewer', 'member', 'admin'])

/** Whoever asks. */
export const MeBody = Type.Object(
  {
    id: Type.Integer(),
    email: Type.String(),
    name: Type.String(),
    role: Role,
  },
  { title: 'Me' },
)

export function meBody({ id, email, name, role }: User): Static<typeof MeBody> {
  return { id, email, name, role }
}

export const UserBody = Type.Object(
  {
    ...MeBody.properties,
    createdAt: Time,
    disabledAt: Type.Union([Time, Type.Null()]),
    hasPassword: Type.Boolean(),
  },
  { title: 'User' },
)

export function userBody(user: User): Static<typeof UserBody> {
  const { createdAt, disabledAt, hasPassword } = user
  return {
    ...meBody(user),
    createdAt: timeOf(createdAt),
    disabledAt: disabledAt === null ? null : timeOf(disabledAt),
    hasPassword,
  }
}

/** It is not stored, and cannot be shown again. */
export const LinkBody = Type.Object({ link: Type.String(), expiresAt: Time }, { title: 'OneTimeLink' })

export function linkBody({ link, expiresAt }: { link: string; expiresAt: number }): Static<typeof LinkBody> {
  return { link, expiresAt: timeOf(expiresAt) }
}
