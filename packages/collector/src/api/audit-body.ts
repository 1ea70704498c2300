import { type Static, Type } from '@sinclair/typebox'
import type { AuditEntry } from '../store/audit-entry.js'
import { Time } from './shapes.js'
import { timeOf } from './time-of.js'

export const AuditBody = Type.Object({
  id: Type.String(),
  at: Time,
  actor: Type.String(),
  actorName: Type.String(),
  action: Type.String(),
  target: Type.String(),
  details: Type.Unknown(),
})

export function auditBody({ id, at, ...entry }: AuditEntry): Static<typeof AuditBody> {
  return { ...entry, id: String(id), at: timeOf(at) }
}
