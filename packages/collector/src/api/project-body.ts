import { type Static, Type } from '@sinclair/typebox'
import type { IngestKey, Project } from '../store/store.js'
import { dsnOf } from './dsn-of.js'
import { orNull, Time } from './shapes.js'
import { timeOf } from './time-of.js'

export const KeyBody = Type.Object({
  publicKey: Type.String(),
  dsn: Type.String(),
  createdAt: Time,
  revokedAt: orNull(Time),
})

export const ProjectBody = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  slug: Type.String(),
  createdAt: Time,
  keys: Type.Array(KeyBody),
})

export function projectBody(
  { id, name, slug, createdAt, keys }: Project,
  publicUrl: string,
): Static<typeof ProjectBody> {
  return { id, name, slug, createdAt: timeOf(createdAt), keys: keys.map((key) => keyBody(key, publicUrl)) }
}

export function keyBody(key: IngestKey, publicUrl: string): Static<typeof KeyBody> {
  const { publicKey, createdAt, revokedAt } = key
  const dsn = dsnOf(key, publicUrl)
  return {
    publicKey,
    dsn,
    createdAt: timeOf(createdAt),
    revokedAt: revokedAt === null ? null : timeOf(revokedAt),
  }
}
