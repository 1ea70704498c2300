import type { DatabaseSync, StatementSync } from 'node:sqlite'

export interface EventToRemove {
  row: number
  eventId: Uint8Array
  projectId: number
}

/** Deletes events with all that hangs on them; their issues and stacks stay. */
export class EventRemoval {
  readonly #statements: StatementSync[]
  readonly #companions: { attachments: CompanionRemoval; feedback: CompanionRemoval }

  constructor(database: DatabaseSync) {
    this.#statements = [
      'DELETE FROM event_words WHERE rowid = ?',
      'DELETE FROM problem_instances WHERE event_row = ?',
      'DELETE FROM events WHERE id = ?',
    ].map((sql) => database.prepare(sql))
    this.#companions = {
      attachments: new CompanionRemoval(database, 'attachments'),
      feedback: new CompanionRemoval(database, 'feedback'),
    }
  }

  remove({ row, eventId, projectId }: EventToRemove): { attachments: number; feedback: number } {
    for (const statement of this.#statements) statement.run(row)
    const { attachments, feedback } = this.#companions
    return { attachments: attachments.of(eventId, projectId), feedback: feedback.of(eventId, projectId) }
  }

  /** What came before the companions that were deleted since the last time, and whose own event never came. @returns how many */
  removeOrphans(): number {
    const { attachments, feedback } = this.#companions
    return attachments.orphans() + feedback.orphans()
  }
}

const ORPHANS_AT_ONCE = 100

class CompanionRemoval {
  readonly #delete: StatementSync
  readonly #deleteOrphans: StatementSync
  #lastId = 0

  constructor(database: DatabaseSync, table: 'attachments' | 'feedback') {
    this.#delete = database.prepare(`DELETE FROM ${table} WHERE event_id = ? AND project_id = ? RETURNING id`)
    this.#deleteOrphans = database.prepare(
      `DELETE FROM ${table} WHERE id IN (
         SELECT id FROM ${table} c WHERE id < ?
         AND NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = c.event_id AND e.project_id = c.project_id)
         LIMIT ${ORPHANS_AT_ONCE})`,
    )
  }

  of(eventId: Uint8Array, projectId: number): number {
    const ids = this.#delete.all(eventId, projectId).map(({ id }) => Number(id))
    this.#lastId = Math.max(this.#lastId, ...ids)
    return ids.length
  }

  orphans(): number {
    if (this.#lastId === 0) return 0
    const deleted = Number(this.#deleteOrphans.run(this.#lastId).changes)
    if (deleted < ORPHANS_AT_ONCE) this.#lastId = 0
    return deleted
  }
}
