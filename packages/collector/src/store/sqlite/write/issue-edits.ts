import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { IssueEdit } from '../../store.js'

/** What people decide about issues. */
export class IssueEdits {
  readonly #find: StatementSync
  readonly #setStatus: StatementSync
  readonly #setSeverity: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT 1 FROM issues WHERE id = ?')
    this.#setStatus = database.prepare(
      'UPDATE issues SET status = ?, resolved_at = ?, resolved_in_release = ?, regressed_at = NULL WHERE id = ?',
    )
    this.#setSeverity = database.prepare('UPDATE issues SET severity = ?, is_severity_fixed = 1 WHERE id = ?')
  }

  /** @returns false when there is no such issue */
  apply(issueId: number, { status, resolvedInRelease, severity }: IssueEdit, now: number): boolean {
    if (this.#find.get(issueId) === undefined) return false
    if (status !== undefined) {
      const isResolved = status === 'resolved'
      const release = isResolved ? (resolvedInRelease ?? null) : null
      this.#setStatus.run(status, isResolved ? now : null, release, issueId)
    }
    if (severity !== undefined) this.#setSeverity.run(severity, issueId)
    return true
  }
}
