import type { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS } from './migrations.js'

/** The schema that this program writes. */
export const STORE_VERSION = MIGRATIONS.length

const HOUR_MS = 3_600_000

/** What a store of any version says of itself. */
export interface StoreFacts {
  /** How far the queue is digested. */
  position: number
  projects: number
  issues: number
  events: number
  /** Events that were given an outcome. */
  outcomes: number
  /** Events in the DLQ. */
  dead: number
  /** Milliseconds since 1970. */
  newestReceivedAt: number | undefined
}

export function readStoreFacts(database: DatabaseSync): StoreFacts {
  const one = (sql: string) => Number(database.prepare(`SELECT (${sql}) AS value`).get()?.value ?? 0)
  return {
    position: readPosition(database),
    projects: one('SELECT count(*) FROM projects'),
    issues: one('SELECT count(*) FROM issues'),
    events: one('SELECT count(*) FROM events'),
    outcomes: one('SELECT total(count) FROM outcome_hours'),
    dead: one('SELECT total(count) FROM dead_letters'),
    newestReceivedAt: one('SELECT received_at FROM events ORDER BY id DESC LIMIT 1') || undefined,
  }
}

export function readPosition(database: DatabaseSync): number {
  return Number(database.prepare('SELECT position FROM digest_position').get()?.position ?? 0)
}

/** Events that were stored in the last 24 hours, counted in whole hours. */
export function readStoredInADay(database: DatabaseSync, now: number): number {
  const since = Math.floor(now / HOUR_MS) - 24
  const sql = `SELECT total(count) AS count FROM outcome_hours WHERE outcome = 'stored' AND hour > ?`
  return Number(database.prepare(sql).get(since)?.count)
}

/** The version of a schema, ours or any. */
export function readVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version)
}
