import { DatabaseSync } from 'node:sqlite'
import type { StoreWriter } from '../store.js'
import { MIGRATIONS, migrate } from './migrations.js'
import { explainUnusable } from './store-unusable.js'
import { SqliteStoreWriter } from './write/sqlite-store-writer.js'

export interface OpenOptions {
  /** Told what a long migration is at. */
  onProgress?: (message: string) => void
  /** For tests: other steps than ours. */
  migrations?: readonly string[]
}

const LOCK_TIMEOUT_MS = 5000

// FULL: a commit is durable, whatever is killed. A checkpoint that is due at every commit would be most of its time.
// What is deleted is overwritten: nobody finds in the file what retention or an erasure has taken out of it.
const SETTINGS = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA wal_autocheckpoint = 10000;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -16384;
`

/**
 * Opens the store for writing; creates the database, or brings it to the newest version, where that is needed.
 *
 * @param file its folder exists
 * @throws StoreUnusable when it is no database, of a newer version, or cannot be written
 */
export function openStoreWriter(file: string, options: OpenOptions = {}): StoreWriter {
  const { onProgress, migrations = MIGRATIONS } = options
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS })
    database.exec(SETTINGS)
    database.exec('PRAGMA busy_timeout = 0') // `inTransaction` waits better
    migrate(database, { migrations, onProgress })
    return new SqliteStoreWriter(database)
  } catch (error) {
    database?.close()
    throw explainUnusable(error, file)
  }
}
