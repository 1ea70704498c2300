import { type Static, Type } from '@sinclair/typebox'
import type { AuditEntry } from '../store/audit-entry.js'
import { Time, timeOf } from './time-of.js'

export const AuditBody = Type.Object(
  {
    id: Type.String(),
    at: Time,
    actor: Type.String({ description: '`user:3`, `token:7`, `cli` or `anyone`.' }),
    actorName: Type.String(),
    action: Type.String(),
    target: Type.String({ description: 'Address of what was changed.' }),
    details: Type.Unknown({ description: 'The body of the request, without its secrets.' }),
  },
  { title: 'AuditEntry' },
)

export function auditBody({ id, at, ...entry }: AuditEntry): Static<typeof AuditBody> {
  return { ...entry, id: String(id), at: timeOf(at) }
}
