import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { NewAuditEntry } from '../../audit-entry.js'

export class AuditLog {
  readonly #insert: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO audit_log (at, actor, actor_name, action, target, details) VALUES (?, ?, ?, ?, ?, ?)',
    )
  }

  add({ actor, actorName, action, target, details }: NewAuditEntry, now: number): void {
    this.#insert.run(now, actor, actorName, action, target, JSON.stringify(details))
  }
}
