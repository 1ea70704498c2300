import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { PreparedEvent } from '../../store.js'
import { CODEC, compress } from '../payload-codec.js'
import { eventWords } from '../words.js'
import { idBytes } from './event-ids.js'
import type { Issue } from './issue.js'

export interface NewEvent {
  prepared: PreparedEvent
  receivedAt: number
  occurredAt: number
  issue: Issue
  /** See `payloadText`. */
  text: Uint8Array
}

/** The rows of events, and of what each is found by. */
export class EventRows {
  readonly #find: StatementSync
  readonly #insert: StatementSync
  readonly #insertInstance: StatementSync
  readonly #insertWords: StatementSync
  readonly #findLastRow: StatementSync
  #lastRow: number | undefined

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT issue_id FROM events WHERE event_id = ? AND project_id = ?')
    this.#insert = database.prepare(
      `INSERT INTO events (event_id, project_id, issue_id, received_at, occurred_at, codec, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    this.#insertInstance = database.prepare('INSERT INTO problem_instances VALUES (?, ?)')
    this.#insertWords = database.prepare('INSERT INTO event_words (rowid, words) VALUES (?, ?)')
    this.#findLastRow = database.prepare('SELECT coalesce(max(id), 0) AS row FROM events')
  }

  lastRow(): number {
    this.#lastRow ??= Number(this.#findLastRow.get()?.row)
    return this.#lastRow
  }

  clear(): void {
    this.#lastRow = undefined
  }

  /** The issue of a stored event. */
  issueIdOf(projectId: number, eventId: string): number | undefined {
    const row = this.#find.get(idBytes(eventId), projectId)
    return row && Number(row.issue_id)
  }

  /** @returns false when it is stored already */
  insert({ prepared, receivedAt, occurredAt, issue, text }: NewEvent): boolean {
    const id = idBytes(prepared.event.id)
    const payload = compress(text, issue.dictionary)
    const row = this.#insert.run(id, issue.projectId, issue.id, receivedAt, occurredAt, CODEC, payload)
    if (row.changes === 0) return false
    this.#lastRow = Number(row.lastInsertRowid)
    const words = eventWords(prepared, issue.words)
    if (words.size > 0) this.#insertWords.run(row.lastInsertRowid, Array.from(words).join(' '))
    const instance = prepared.event.problem?.instance
    if (instance && !isOf(instance, id)) this.#insertInstance.run(instance, row.lastInsertRowid)
    return true
  }
}

const URN = 'urn:uuid:'

function isOf(instance: string, id: Buffer): boolean {
  const uuid = instance.startsWith(URN) ? instance.slice(URN.length) : instance
  return idBytes(uuid).equals(id)
}
