import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { QueuedBody, QueueReader } from '../queue.js'
import { BODY_COLUMNS, bodyOf } from './body-row.js'

/** Reads what the writer has committed. Between two calls it holds no lock: the writer could not empty its log. */
export class SqliteQueueReader implements QueueReader {
  readonly #database: DatabaseSync
  readonly #next: StatementSync
  readonly #one: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#next = database.prepare(
      `SELECT ${BODY_COLUMNS} FROM bodies WHERE position > ? ORDER BY position LIMIT ?`,
    )
    this.#one = database.prepare(
      `SELECT ${BODY_COLUMNS} FROM kept_bodies WHERE position = ?1
       UNION ALL SELECT ${BODY_COLUMNS} FROM bodies WHERE position = ?1`,
    )
  }

  take(after: number, limits: { bodies: number; bytes: number }): QueuedBody[] {
    const taken: QueuedBody[] = []
    let sizeBytes = 0
    for (const row of this.#next.iterate(after, limits.bodies)) {
      const body = bodyOf(row)
      sizeBytes += body.bytes.length
      if (taken.length > 0 && sizeBytes > limits.bytes) break
      taken.push(body)
    }
    return taken
  }

  get(position: number): QueuedBody | undefined {
    const row = this.#one.get(position)
    return row && bodyOf(row)
  }

  close(): void {
    this.#database.close()
  }
}
