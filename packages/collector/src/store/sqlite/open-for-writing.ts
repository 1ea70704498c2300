import { DatabaseSync } from 'node:sqlite'
import { explainUnusable } from './store-unusable.js'

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

/** Opens the store's file, which is made where it is missing, and closes it again when that or `use` fails. @throws StoreUnusable */
export function openForWriting<Result>(file: string, use: (database: DatabaseSync) => Result): Result {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS })
    database.exec(SETTINGS)
    database.exec('PRAGMA busy_timeout = 0') // `inTransaction` waits better
    return use(database)
  } catch (error) {
    database?.close()
    throw explainUnusable(error, file)
  }
}
