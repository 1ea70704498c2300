import type { DatabaseSync } from 'node:sqlite'
import { schema1 } from './schema-1.js'
import { schema2 } from './schema-2.js'
import { StoreUnusable } from './store-unusable.js'
import { inTransaction } from './transaction.js'

/** The SQL that leads from each version to the next, the first from nothing. Only ever appended to. */
export const MIGRATIONS: readonly string[] = [schema1, schema2]

export interface MigrateOptions {
  migrations: readonly string[]
  onProgress?: (message: string) => void
}

/**
 * Brings a database to the newest version, each step in a transaction of its own. Steps that another process takes at the same time
 * are not taken again.
 *
 * @throws StoreUnusable when it is of a newer version, or another program's
 */
export function migrate(database: DatabaseSync, { migrations, onProgress }: MigrateOptions): void {
  const isNew = versionOf(database) === 0
  for (let isDone = false; !isDone; ) {
    isDone = inTransaction(database, () => {
      const version = versionOf(database)
      checkVersion(database, version, migrations.length)
      const sql = migrations[version]
      if (sql === undefined) return true
      if (!isNew) onProgress?.(`The store is brought from version ${version} to ${version + 1}.`)
      database.exec(sql)
      database.exec(`PRAGMA user_version = ${version + 1}`)
      return false
    })
  }
}

function checkVersion(database: DatabaseSync, version: number, newest: number): void {
  if (version > newest) {
    throw new StoreUnusable(
      `The store is of version ${version} and this collector knows ${newest}: start a newer collector, or restore an older backup.`,
    )
  }
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
    throw new StoreUnusable('The store is a database of another program: name another folder for the data.')
  }
}

/** @param newest the version that this collector knows @throws StoreUnusable when it cannot be read as it is */
export function checkReadable(database: DatabaseSync, newest: number): void {
  const version = versionOf(database)
  checkVersion(database, version, newest)
  if (version === newest) return
  throw new StoreUnusable(
    `The store is of version ${version} and this collector knows ${newest}: start the collector, which brings it there.`,
  )
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version)
}
