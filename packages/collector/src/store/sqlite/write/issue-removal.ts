import type { DatabaseSync, StatementSync } from 'node:sqlite'

const MINUTES_AT_ONCE = 2000

/** Deletes issues that have no events any more, and the old minutes of those that have. */
export class IssueRemoval {
  readonly #trim: StatementSync
  readonly #statements: StatementSync[]

  constructor(database: DatabaseSync) {
    this.#trim = database.prepare(
      `DELETE FROM issue_minutes WHERE issue_id = ?1 AND minute IN (
         SELECT minute FROM issue_minutes WHERE issue_id = ?1 AND minute < ?2 ORDER BY minute LIMIT ${MINUTES_AT_ONCE})`,
    )
    this.#statements = [
      'DELETE FROM issue_words WHERE rowid = ?',
      'DELETE FROM fingerprints WHERE issue_id = ?',
      'DELETE FROM issue_facets WHERE issue_id = ?',
      'DELETE FROM issue_users WHERE issue_id = ?',
      'DELETE FROM user_sketches WHERE issue_id = ?',
      'DELETE FROM dictionaries WHERE issue_id = ?',
      'DELETE FROM issues WHERE id = ?',
    ].map((sql) => database.prepare(sql))
  }

  /** @returns false while the issue stays, because it has had more minutes than are deleted at once */
  remove(issueId: number): boolean {
    if (this.trim(issueId, Number.MAX_SAFE_INTEGER) === MINUTES_AT_ONCE) return false
    for (const statement of this.#statements) statement.run(issueId)
    return true
  }

  /** @param before minutes since 1970 @returns how many it has deleted */
  trim(issueId: number, before: number): number {
    return Number(this.#trim.run(issueId, before).changes)
  }
}
