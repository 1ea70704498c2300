import type { StoreWriter } from '../store.js'
import { checkNewest, createStore, MIGRATIONS, type Migration } from './migrations.js'
import { openForWriting } from './open-for-writing.js'
import { SqliteStoreWriter } from './write/sqlite-store-writer.js'

export interface OpenOptions {
  /** For tests: other steps than ours. */
  migrations?: readonly Migration[]
}

/**
 * Opens the store for writing, and makes it where there is none. An older one is left as it is: `upgradeStore` is for whoever may
 * take minutes.
 *
 * @param file its folder exists
 * @throws StoreUnusable when it is no database, of another version, or cannot be written
 */
export function openStoreWriter(file: string, { migrations = MIGRATIONS }: OpenOptions = {}): StoreWriter {
  return openForWriting(file, (database) => {
    createStore(database, migrations)
    checkNewest(database, migrations.length)
    return new SqliteStoreWriter(database)
  })
}
