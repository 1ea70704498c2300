import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { DigestedBody } from '../../store.js'
import { idBytes } from './event-ids.js'
import { ADD } from './tally.js'

const DAY_MS = 86_400_000
/** No client sends a batch again after that. */
const BATCHES_KEPT_MS = 30 * DAY_MS
/** Nor an event after its repeats. */
const WAITING_KEPT_MS = 7 * DAY_MS

export interface WaitingRepeats {
  count: number
  /** Milliseconds since 1970. */
  until: number
}

/** Batches that were seen, so that nothing of one counts twice. */
export class Batches {
  readonly #insert: StatementSync
  readonly #prune: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO batches (project_id, batch_id, received_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    )
    // Each new one takes up to two old ones with it: no moment has much to do.
    this.#prune = database.prepare(
      'DELETE FROM batches WHERE id < (SELECT min(id) FROM batches) + 2 AND received_at < ?',
    )
  }

  /** @returns false when it was seen before */
  see({ projectId, batchId, receivedAt }: DigestedBody): boolean {
    if (batchId === undefined) return true
    if (this.#insert.run(projectId, idBytes(batchId), receivedAt).changes === 0) return false
    this.#prune.run(receivedAt - BATCHES_KEPT_MS)
    return true
  }
}

/** Repeats that came before the event they repeat. */
export class Waiting {
  readonly #insert: StatementSync
  readonly #take: StatementSync
  readonly #prune: StatementSync
  readonly #any: StatementSync
  /** Nearly always nothing waits, and no event has to ask. */
  #isAny: boolean | undefined

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO waiting_repeats VALUES (?, ?, ?, ?, ?)
       ${ADD}, until = max(until, excluded.until)`,
    )
    this.#take = database.prepare(
      'DELETE FROM waiting_repeats WHERE project_id = ? AND event_id = ? RETURNING count, until',
    )
    this.#prune = database.prepare('DELETE FROM waiting_repeats WHERE received_at < ?')
    this.#any = database.prepare('SELECT 1 FROM waiting_repeats')
  }

  add(body: DigestedBody, eventId: string, { count, until }: WaitingRepeats): void {
    this.#isAny = true
    this.#insert.run(body.projectId, idBytes(eventId), count, until, body.receivedAt)
  }

  take(projectId: number, eventId: string): WaitingRepeats | undefined {
    this.#isAny ??= this.#any.get() !== undefined
    if (!this.#isAny) return undefined
    const row = this.#take.get(projectId, idBytes(eventId))
    return row && { count: Number(row.count), until: Number(row.until) }
  }

  /** Gives up those whose event has not come for long. */
  prune(now: number): void {
    this.#prune.run(now - WAITING_KEPT_MS)
    this.clear()
  }

  clear(): void {
    this.#isAny = undefined
  }
}
