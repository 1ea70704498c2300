import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ErrorEvent } from '@faultline/protocol'
import { hashText } from '../hash-text.js'
import { addToSketch, emptySketch, estimateSketch } from './user-sketch.js'

const COUNTED_ONE_BY_ONE = 1000

export interface UserCount {
  count: number
  /** HyperLogLog, once there are more than are counted one by one. */
  sketch?: Uint8Array
}

/** Whom an event has hit: a signed-in user, else an address. */
export function userHash({ user, request }: ErrorEvent): number | undefined {
  const name = user?.id || user?.email || user?.name || request?.ip
  return name ? hashText(name) : undefined
}

/** How many users each issue has hit: one by one up to 1 000, by a sketch from there. */
export class IssueUsers {
  readonly #insert: StatementSync
  readonly #all: StatementSync
  readonly #deleteAll: StatementSync
  readonly #findSketch: StatementSync
  readonly #saveSketch: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT INTO issue_users VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#all = database.prepare('SELECT user_hash FROM issue_users WHERE issue_id = ?')
    this.#deleteAll = database.prepare('DELETE FROM issue_users WHERE issue_id = ?')
    this.#findSketch = database.prepare('SELECT registers FROM user_sketches WHERE issue_id = ?')
    this.#saveSketch = database.prepare('INSERT OR REPLACE INTO user_sketches VALUES (?, ?)')
  }

  load(issueId: number, count: number): UserCount {
    if (count <= COUNTED_ONE_BY_ONE) return { count }
    return { count, sketch: this.#findSketch.get(issueId)?.registers as Uint8Array }
  }

  add(issueId: number, before: UserCount, hashes: ReadonlySet<number>): UserCount {
    if (before.sketch !== undefined) return this.#sketch(issueId, before.sketch, hashes) ?? before
    let { count } = before
    for (const hash of hashes) count += Number(this.#insert.run(issueId, hash).changes)
    if (count <= COUNTED_ONE_BY_ONE) return { count }
    const all = this.#all.all(issueId).map((row) => Number(row.user_hash))
    this.#deleteAll.run(issueId)
    return this.#sketch(issueId, emptySketch(), all) ?? { count }
  }

  /** @returns nothing when they are all known */
  #sketch(issueId: number, sketch: Uint8Array, hashes: Iterable<number>): UserCount | undefined {
    let isChanged = false
    for (const hash of hashes) isChanged = addToSketch(sketch, hash) || isChanged
    if (!isChanged) return undefined
    this.#saveSketch.run(issueId, sketch)
    return { count: Math.max(COUNTED_ONE_BY_ONE + 1, estimateSketch(sketch)), sketch }
  }
}
