import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { IssueEdit } from '../../store.js'

/** What people decide about issues. */
export class IssueEdits {
  readonly #find: StatementSync
  readonly #setStatus: StatementSync
  readonly #setSeverity: StatementSync
  readonly #setAssignee: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT 1 FROM issues WHERE id = ?')
    this.#setStatus = database.prepare(
      `UPDATE issues SET status = ?, resolved_at = ?, resolved_in_release = ?, muted_until = ?, regressed_at = NULL
       WHERE id = ?`,
    )
    this.#setSeverity = database.prepare('UPDATE issues SET severity = ?, is_severity_fixed = 1 WHERE id = ?')
    this.#setAssignee = database.prepare('UPDATE issues SET assignee = ? WHERE id = ?')
  }

  /** @returns false when there is no such issue */
  apply(issueId: number, edit: IssueEdit, now: number): boolean {
    const { status, resolvedInRelease, mutedUntil, severity, assignee } = edit
    if (this.#find.get(issueId) === undefined) return false
    if (status !== undefined) {
      const isResolved = status === 'resolved'
      const release = isResolved ? (resolvedInRelease ?? null) : null
      const until = status === 'muted' ? (mutedUntil ?? null) : null
      this.#setStatus.run(status, isResolved ? now : null, release, until, issueId)
    }
    if (severity !== undefined) this.#setSeverity.run(severity, issueId)
    if (assignee !== undefined) this.#setAssignee.run(assignee, issueId)
    return true
  }
}
