import type { DatabaseSync } from 'node:sqlite'

/** Digest holds the lock for a quarter of a second at a time, and leaves it for moments. */
const LOCK_TIMEOUT_MS = 30_000
const LOOK_AGAIN_MS = 1
const SQLITE_BUSY = 5
const asleep = new Int32Array(new SharedArrayBuffer(4))

/** Everything or nothing: whatever is thrown, by the work or by its commit, nothing of it is written. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  begin(database)
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk has ended it already.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Looks every millisecond: SQLite's own waiting looks ten times a second, and so hardly ever at the right moment. */
function begin(database: DatabaseSync): void {
  const deadlineMs = performance.now() + LOCK_TIMEOUT_MS
  while (!tryBegin(database, performance.now() >= deadlineMs)) {
    Atomics.wait(asleep, 0, 0, LOOK_AGAIN_MS)
  }
}

function tryBegin(database: DatabaseSync, isLast: boolean): boolean {
  try {
    database.exec('BEGIN IMMEDIATE')
    return true
  } catch (error) {
    if (isLast || (error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    return false
  }
}
