import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite'
import { QueueUnusable } from '../queue-unusable.js'
import { QUEUE_VERSION, queueSchema } from './queue-schema.js'

// https://www.sqlite.org/rescode.html
const SQLITE_READONLY = 8
const SQLITE_CORRUPT = 11
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26

/** Opens the queue's file for its one writer, and makes it where there is none. @throws QueueUnusable */
export function openForWriting(file: string): DatabaseSync {
  return open(file, {}, (database) => {
    // FULL: what is committed outlives a power cut. The checkpoint is rare, because a commit waits for it.
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA secure_delete = ON;
      PRAGMA wal_autocheckpoint = 10000;
    `)
    if (versionOf(database) === 0) database.exec(`BEGIN IMMEDIATE; ${queueSchema} COMMIT`)
    refuseNewer(database, file)
  })
}

/** Opens the queue's file for a reader in another thread, which waits while a checkpoint holds it. @throws QueueUnusable */
export function openForReading(file: string): DatabaseSync {
  return open(file, { readOnly: true, timeout: 5000 }, (database) => refuseNewer(database, file))
}

function open(
  file: string,
  options: DatabaseSyncOptions,
  prepare: (database: DatabaseSync) => void,
): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, options)
    prepare(database)
    return database
  } catch (cause) {
    database?.close()
    throw cause instanceof QueueUnusable ? cause : unusable(file, cause)
  }
}

function versionOf(database: DatabaseSync): number {
  return database.prepare('PRAGMA user_version').get()?.user_version as number
}

function refuseNewer(database: DatabaseSync, file: string): void {
  const version = versionOf(database)
  if (version === QUEUE_VERSION) return
  throw new QueueUnusable(
    `The queue ${file} is of version ${version}, and this Faultline reads version ${QUEUE_VERSION}: start the Faultline that wrote it, or move the file away, with what is not digested in it.`,
  )
}

/** What SQLite says of the file, in a sentence with the way out. */
export function unusable(file: string, cause: unknown): unknown {
  const { errcode } = cause as { errcode?: unknown }
  if (typeof errcode !== 'number') return cause
  switch (errcode & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new QueueUnusable(
        `The queue ${file} is damaged: move it away, with what is not digested in it, and start again.`,
        { cause },
      )
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return new QueueUnusable(
        `The queue ${file} cannot be opened for writing: let this user write to its folder and to the file, or name another folder as data.`,
        { cause },
      )
    default:
      return new QueueUnusable(
        `The queue ${file} cannot be opened: ${(cause as Error).message}. Does another process use it?`,
        {
          cause,
        },
      )
  }
}
