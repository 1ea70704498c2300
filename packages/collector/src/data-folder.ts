import { accessSync, constants, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CannotStart } from './cannot-start.js'

/** The folder that holds everything, and belongs to one collector at a time. */
export interface DataFolder {
  path: string
  queueFile: string
  storeFile: string
  /** Lets the next one have it. */
  release(): void
}

/**
 * Makes the folder if it is missing, and locks it.
 * @throws CannotStart
 */
export function takeDataFolder(data: string): DataFolder {
  const path = resolve(data)
  make(path)
  const lock = lockFolder(path)
  return {
    path,
    queueFile: join(path, 'queue.db'),
    storeFile: join(path, 'store.db'),
    release: () => lock.close(),
  }
}

function make(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
    accessSync(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const wayOut = `let this user write there, or choose another folder with --data or FAULTLINE_DATA.`
    throw new CannotStart(`The data folder ${path} cannot be written (${code}): ${wayOut}`, { cause: error })
  }
}

/** SQLite's own lock, for it ends with the process, however that ends; `kill -9` leaves nothing to clean up. */
function lockFolder(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(path, 'collector.lock'))
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    const isTaken = /database is locked/.test((error as Error).message)
    const message = isTaken
      ? `The data folder ${path} is in use by another collector: stop that one, or choose another folder with --data or FAULTLINE_DATA.`
      : `The data folder ${path} cannot be locked (${(error as Error).message}): it has to be on a local disk that this user can write.`
    throw new CannotStart(message, { cause: error })
  }
}
