import type { DatabaseSync } from 'node:sqlite'
import { countReleases } from './count-releases.js'
import { schema1 } from './schema-1.js'
import { schema2 } from './schema-2.js'
import { StoreUnusable } from './store-unusable.js'
import { inTransaction } from './transaction.js'
import { findUpgrade, percentOf } from './upgrade-progress.js'

/** What leads from a version to the next. */
export interface Migration {
  /** Takes a moment, however large the store is: it is one transaction. */
  sql: string
  /** What takes longer: it is done in slices, each a transaction that an interruption loses at most. */
  backfill?: Backfill
}

export interface Backfill {
  /** What is gone through, for people: `events`. */
  items: string
  /** How many there are, asked once. */
  count(database: DatabaseSync): number
  /** Goes through the next of them, for less than a quarter of a second. @param after `place` of the slice before; 0 at first */
  slice(database: DatabaseSync, after: number): Slice
}

export interface Slice {
  /** Behind the last item that was gone through. */
  place: number
  /** How many were; 0 at the end. */
  done: number
}

/** The steps from each version to the next, the first from nothing. Only ever appended to. */
export const MIGRATIONS: readonly Migration[] = [{ sql: schema1 }, { sql: schema2, backfill: countReleases }]

/** Makes all of a store in an empty database. Whatever is in it already is checked by `checkVersion`. */
export function createStore(database: DatabaseSync, migrations: readonly Migration[]): void {
  if (versionOf(database) !== 0) return
  inTransaction(database, () => {
    if (versionOf(database) !== 0) return // somebody else was quicker
    checkVersion(database, migrations.length)
    for (const { sql } of migrations) database.exec(sql)
    database.exec(`PRAGMA user_version = ${migrations.length}`)
  })
}

/** @param newest the version that this collector knows @throws StoreUnusable when it cannot be used as it is */
export function checkNewest(database: DatabaseSync, newest: number): void {
  checkVersion(database, newest)
  const version = versionOf(database)
  if (version === newest) return
  const upgrade = findUpgrade(database)
  throw new StoreUnusable(
    upgrade === undefined
      ? `The store is of version ${version} and this program knows ${newest}: start the collector, which brings it there.`
      : `The store is being brought from version ${version} to ${version + 1} (${percentOf(upgrade)} %): wait until the collector is ready; if none runs, start it, and it goes on there.`,
  )
}

/** @throws StoreUnusable when it is of a newer version, or another program's */
export function checkVersion(database: DatabaseSync, newest: number): void {
  const version = versionOf(database)
  if (version > newest) {
    throw new StoreUnusable(
      `The store is of version ${version} and this collector knows ${newest}: start a newer collector, or restore an older backup.`,
    )
  }
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
    throw new StoreUnusable('The store is a database of another program: name another folder for the data.')
  }
}

export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version)
}
