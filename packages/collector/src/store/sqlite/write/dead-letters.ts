import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { IntakeProtocol } from '../../../queue/queue.js'
import type { DeadLetter, DigestedBody, NewDeadLetter } from '../../store.js'

/** Which bodies could not be digested, and why. */
export class DeadLetters {
  readonly #insert: StatementSync
  readonly #find: StatementSync
  readonly #delete: StatementSync
  readonly #positions: StatementSync
  readonly #anyAt: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO dead_letters (position, body_index, project_id, protocol, stage, reason, count, received_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#find = database.prepare('SELECT * FROM dead_letters WHERE id = ?')
    this.#delete = database.prepare('DELETE FROM dead_letters WHERE id = ?')
    this.#positions = database.prepare('SELECT DISTINCT position FROM dead_letters ORDER BY position')
    this.#anyAt = database.prepare('SELECT 1 FROM dead_letters WHERE position = ?')
  }

  add(body: DigestedBody, { index, stage, reason, count }: NewDeadLetter): void {
    const { position, projectId, protocol, receivedAt } = body
    this.#insert.run(position, index, projectId, protocol, stage, reason, count, receivedAt)
  }

  find(id: number): DeadLetter | undefined {
    const row = this.#find.get(id)
    return row && readDeadLetter(row)
  }

  delete(id: number): void {
    this.#delete.run(id)
  }

  positions(): number[] {
    return this.#positions.all().map((row) => Number(row.position))
  }

  areAt(position: number): boolean {
    return this.#anyAt.get(position) !== undefined
  }
}

/** @param row all columns of `dead_letters` */
export function readDeadLetter(row: Record<string, SQLOutputValue>): DeadLetter {
  return {
    id: Number(row.id),
    position: Number(row.position),
    index: Number(row.body_index),
    projectId: Number(row.project_id),
    protocol: row.protocol as IntakeProtocol,
    stage: String(row.stage),
    reason: String(row.reason),
    count: Number(row.count),
    receivedAt: Number(row.received_at),
  }
}
