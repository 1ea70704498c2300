import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CannotStart } from './cannot-start.js'

/** The folder that holds everything, and belongs to one collector at a time. */
export interface DataFolder {
  path: string
  queueFile: string
  storeFile: string
  /** For the command line, as long as the collector runs. */
  tellUrl(publicUrl: string): void
  /** Lets the next one have it. */
  release(): void
}

/**
 * Makes the folder if it is missing, and locks it.
 * @throws CannotStart
 */
export function takeDataFolder(data: string): DataFolder {
  const path = makeDataFolder(data)
  if (isHalfRestored(path)) {
    throw new CannotStart(
      `A restore into ${path} has not ended: run \`faultline restore\` again, or delete ${join(path, RESTORING)} to begin with nothing.`,
    )
  }
  const unlock = lockDataFolder(path)
  return {
    path,
    ...databaseFiles(path),
    tellUrl: (publicUrl) => writeUrl(urlFile(path), publicUrl),
    release() {
      rmSync(urlFile(path), { force: true })
      unlock()
    },
  }
}

/** What DSNs name, as the collector says that runs on this folder; one that was killed may have left its own. */
export function runningUrl(data: string): string | undefined {
  try {
    return readFileSync(urlFile(resolve(data)), 'utf8').trim() || undefined
  } catch {
    return undefined // none runs
  }
}

function urlFile(path: string): string {
  return join(path, 'collector.url')
}

/** A full disk is no reason not to start: the command line then goes by the configuration. */
function writeUrl(file: string, publicUrl: string): void {
  try {
    writeFileSync(file, `${publicUrl}\n`)
  } catch {
    rmSync(file, { force: true })
  }
}

export function databaseFiles(path: string): Pick<DataFolder, 'queueFile' | 'storeFile'> {
  return { queueFile: join(path, 'queue.db'), storeFile: join(path, 'store.db') }
}

export const LOCK = 'collector.lock'
/** What is restored waits in here; the store is the last to leave it. */
export const RESTORING = '.restoring'

/** Whether a restore was killed in the middle. */
export function isHalfRestored(path: string): boolean {
  return existsSync(join(path, RESTORING, 'store.db'))
}

/**
 * Makes the folder and those above it, where they are missing.
 * @returns its absolute path
 * @throws CannotStart where it cannot be written
 */
export function makeDataFolder(data: string): string {
  const path = resolve(data)
  try {
    makeFolders(path)
    accessSync(path, constants.W_OK | constants.X_OK)
    return path
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new CannotStart(
        `The data folder ${path} is a file, or below one: choose another folder with --data or FAULTLINE_DATA.`,
      )
    }
    const wayOut = `let this user write there, or choose another folder with --data or FAULTLINE_DATA.`
    throw new CannotStart(`The data folder ${path} cannot be written (${code}): ${wayOut}`, { cause: error })
  }
}

/** One after the other: Node's `recursive` never ends where the system makes no folders, as below /proc. */
function makeFolders(path: string): void {
  if (isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolders(parent)
  try {
    mkdirSync(path, { mode: 0o700 }) // bodies in the queue are not scrubbed yet
  } catch (error) {
    if (!isFolder(path)) throw error // else somebody else has just made it
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/**
 * SQLite's own lock, for it ends with the process, however that ends; `kill -9` leaves nothing to clean up.
 * @returns what releases it
 * @throws CannotStart
 */
export function lockDataFolder(path: string): () => void {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(path, LOCK))
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
    return () => lock?.close()
  } catch (error) {
    lock?.close()
    const isTaken = isLockTaken(error)
    const message = isTaken
      ? `The data folder ${path} is in use by another collector: stop that one, or choose another folder with --data or FAULTLINE_DATA.`
      : `The data folder ${path} cannot be locked (${(error as Error).message}): it has to be on a local disk that this user can write.`
    throw new CannotStart(message, { cause: error })
  }
}

/** Whether a collector runs on the folder, or somebody restores into it. Asks without locking anything. */
export function isInUse(path: string): boolean {
  const file = join(path, LOCK)
  if (!existsSync(file)) return false
  const lock = new DatabaseSync(file, { readOnly: true, timeout: 0 })
  try {
    lock.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (isLockTaken(error)) return true
    throw error
  } finally {
    lock.close()
  }
}

function isLockTaken(error: unknown): boolean {
  return /database is locked/.test((error as Error).message)
}
