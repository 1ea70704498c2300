import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { NewBody, QueueLength } from '../queue.js'
import { BODY_COLUMNS } from './body-row.js'

/** A slice of one transaction: short enough for requests to wait for it. */
const SLICE_BODIES = 256
const SLICE_BYTES = 2_097_152

/** What node:sqlite can read: it throws above. Clients have counted, so events are cut to it, and added up by total() instead of sum(). */
const MOST_COUNTED = Number.MAX_SAFE_INTEGER

/** The writer's SQL: each method is one transaction, all or nothing. */
export class QueueRows {
  readonly #database: DatabaseSync
  readonly #insert: StatementSync
  readonly #count: StatementSync
  readonly #setLast: StatementSync
  readonly #lengthOf: StatementSync
  readonly #oldest: StatementSync
  readonly #move: StatementSync
  readonly #delete: StatementSync
  readonly #deleteKept: StatementSync
  readonly #checkpoint: StatementSync
  #last: number
  #keptBytes: number

  constructor(database: DatabaseSync) {
    this.#database = database
    const prepare = (sql: string) => database.prepare(sql)
    this.#insert = prepare(`INSERT INTO bodies (${BODY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#count = prepare(
      `INSERT INTO received VALUES (?, ?)
       ON CONFLICT DO UPDATE SET events = min(events + excluded.events, ${MOST_COUNTED})`,
    )
    this.#setLast = prepare('UPDATE last_position SET position = ?')
    this.#lengthOf = prepare(
      `SELECT count(*) AS bodies, total(event_count) AS events, coalesce(sum(length(bytes)), 0) AS bytes
       FROM bodies WHERE position > ? AND position <= ?`,
    )
    this.#oldest = prepare(
      `SELECT position, length(bytes) AS bytes FROM bodies WHERE position <= ? ORDER BY position LIMIT ${SLICE_BODIES}`,
    )
    this.#move = prepare(
      `INSERT OR IGNORE INTO kept_bodies (${BODY_COLUMNS}) SELECT ${BODY_COLUMNS} FROM bodies WHERE position = ?
       RETURNING length(bytes) AS bytes`,
    )
    this.#delete = prepare('DELETE FROM bodies WHERE position <= ?')
    this.#deleteKept = prepare('DELETE FROM kept_bodies WHERE position = ? RETURNING length(bytes) AS bytes')
    this.#checkpoint = prepare('PRAGMA wal_checkpoint(TRUNCATE)')
    this.#last = prepare('SELECT position FROM last_position').get()?.position as number
    this.#keptBytes = bytesOf(
      prepare('SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM kept_bodies').get(),
    )
  }

  /** Of the bodies that dead letters are in. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  keptPositions(): number[] {
    const rows = this.#database.prepare('SELECT position FROM kept_bodies').all()
    return rows.map(({ position }) => position as number)
  }

  get lastPosition(): number {
    return this.#last
  }

  received(): Map<number, number> {
    const rows = this.#database
      .prepare(`SELECT project_id, min(events, ${MOST_COUNTED}) AS events FROM received`)
      .all()
    return new Map(rows.map(({ project_id, events }) => [project_id as number, events as number]))
  }

  /** Of the bodies behind a position, up to another. */
  lengthOf(after: number, upTo: number): QueueLength {
    const { bodies, events, bytes } = this.#lengthOf.get(after, upTo) as unknown as QueueLength
    return { bodies, events, bytes }
  }

  /** @returns the position of the first; the others follow it */
  append(bodies: readonly NewBody[], received: ReadonlyMap<number, number>): number {
    const first = this.#last + 1
    this.#transact(() => {
      let position = first
      for (const { projectId, format, encoding, eventCount, receivedAt, meta, bytes } of bodies) {
        const text = JSON.stringify(meta)
        this.#insert.run(position, projectId, format, encoding, eventCount, receivedAt, text, bytes)
        position++
      }
      for (const [projectId, events] of received) this.#count.run(projectId, events)
      this.#setLast.run(position - 1)
    })
    this.#last += bodies.length
    return first
  }

  /** No position up to this one is given any more. The next append writes that down; before it, nothing is lost by forgetting it. */
  skipTo(position: number): void {
    this.#last = Math.max(this.#last, position)
  }

  /** Forgets some of the oldest bodies, but for those to keep. @returns up to where; 0 when none was left */
  trimSome(upTo: number, keep: ReadonlySet<number>): number {
    const end = this.#endOfSlice(upTo)
    if (end === 0) return 0
    let movedBytes = 0
    this.#transact(() => {
      for (const position of keep) if (position <= end) movedBytes += bytesOf(this.#move.get(position))
      this.#delete.run(end)
    })
    this.#keptBytes += movedBytes
    return end
  }

  release(positions: readonly number[]): void {
    let releasedBytes = 0
    this.#transact(() => {
      for (const position of positions) releasedBytes += bytesOf(this.#deleteKept.get(position))
    })
    this.#keptBytes -= releasedBytes
  }

  /**
   * Empties the write-ahead log into the file, so that nothing that was deleted is left in it.
   * @returns false while a reader is at it
   */
  checkpoint(): boolean {
    return this.#checkpoint.get()?.busy === 0
  }

  close(): void {
    this.#database.close()
  }

  #endOfSlice(upTo: number): number {
    let end = 0
    let sizeBytes = 0
    for (const { position, bytes } of this.#oldest.iterate(upTo)) {
      sizeBytes += bytes as number
      if (end > 0 && sizeBytes > SLICE_BYTES) break
      end = position as number
    }
    return end
  }

  #transact(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      // SQLite has rolled back itself where the disk was full
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

function bytesOf(row: Record<string, SQLOutputValue> | undefined): number {
  return (row?.bytes ?? 0) as number
}
