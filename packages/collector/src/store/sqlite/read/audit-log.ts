import type { AuditEntry, AuditFilter } from '../../audit-entry.js'
import type { Page } from '../../store.js'
import { all, where } from './condition.js'
import { pageOf, placeOf } from './cursor.js'
import type { Database } from './database.js'

/** The last one first. */
export function readAuditLog(database: Database, request: AuditFilter): Page<AuditEntry> {
  const { limit, actor, action, since, until } = request
  const name = 'audit'
  const place = placeOf(request, { name, size: 1 })
  const { sql, values } = all([
    ...(place === undefined ? [] : [where('id < ?', ...place)]),
    ...(actor === undefined ? [] : [where('actor = ?', actor)]),
    ...(action === undefined ? [] : [where('action = ?', action)]),
    ...(since === undefined ? [] : [where('at >= ?', since)]),
    ...(until === undefined ? [] : [where('at < ?', until)]),
  ])
  const found = database.all<AuditEntry & { details: string }>(
    `SELECT id, at, actor, actor_name AS actorName, action, target, details
     FROM audit_log WHERE ${sql} ORDER BY id DESC LIMIT ?`,
    ...values,
    limit + 1,
  )
  const entries = found.map((row): AuditEntry => ({ ...row, details: JSON.parse(row.details) }))
  return pageOf(entries, { limit, name, placeOf: ({ id }) => [id] })
}
