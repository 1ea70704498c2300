import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { sizeText } from '../backup/size-text.js'
import type { CollectorConfig } from '../config.js'
import { databaseFiles, isHalfRestored, RESTORING } from '../data-folder.js'
import type { StoreFacts } from '../store/sqlite/store-facts.js'
import { type Check, failed, ok, warning } from './check.js'

/** Enough to see the warning and to do something. */
const DAYS_OF_ROOM = 7

/** Whether there is a folder with anything to look at. */
export function checkFolder(path: string): Check {
  const name = 'folder'
  const found = statSync(path, { throwIfNoEntry: false })
  const wayOut = 'name the folder of a collector with --data, or begin one with `faultline serve`.'
  if (found === undefined) return failed(name, `There is no folder ${path}: ${wayOut}`)
  if (!found.isDirectory()) return failed(name, `${path} is a file: ${wayOut}`)
  if (isHalfRestored(path))
    return failed(
      name,
      `A restore into ${path} has not ended: run \`faultline restore\` again, or delete ${join(path, RESTORING)} to begin with nothing.`,
    )
  if (existsSync(databaseFiles(path).storeFile)) return ok(name, path)
  const isEmpty = readdirSync(path).length === 0
  return failed(name, `${path} ${isEmpty ? 'is empty' : 'has no store.db'}: ${wayOut}`)
}

/** Whether the collector may write, and nobody else read: bodies in the queue are not scrubbed yet. */
export function checkRights(path: string): Check {
  const name = 'rights'
  const { storeFile, queueFile } = databaseFiles(path)
  for (const file of [path, storeFile, queueFile].filter((one) => existsSync(one))) {
    try {
      accessSync(file, constants.R_OK | constants.W_OK)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return failed(
        name,
        `${file} cannot be written by this user (${code}): give it to the collector's user.`,
      )
    }
  }
  const { mode, uid } = statSync(path)
  const others = [storeFile, queueFile].filter((file) => existsSync(file) && statSync(file).uid !== uid)
  if (others.length > 0)
    return warning(name, `${others.join(', ')} and the folder belong to different users: chown them alike.`)
  if ((mode & 0o077) !== 0)
    return warning(
      name,
      `Others can look into ${path}: chmod 700 it, for what is in the queue is not scrubbed yet.`,
    )
  return ok(name, 'This user can write, and no other can read.')
}

interface DiskOptions {
  config: CollectorConfig
  store: StoreFacts
  storedInADay: number
}

/** What is free, against where intake stops, and against what the last day has taken. */
export async function checkDisk(path: string, { config, store, storedInADay }: DiskOptions): Promise<Check> {
  const name = 'disk'
  const { bavail, bsize } = await statfs(path)
  const free = bavail * bsize
  const { minFreeDiskBytes } = config
  if (free < minFreeDiskBytes)
    return failed(
      name,
      `${sizeText(free)} are free, and below ${sizeText(minFreeDiskBytes)} nothing is taken: make room.`,
    )
  const { size } = statSync(databaseFiles(path).storeFile)
  const dayBytes = store.events === 0 ? 0 : (size / store.events) * storedInADay
  const days = (free - minFreeDiskBytes) / dayBytes
  const growth = `${sizeText(free)} are free, and the last day has taken about ${sizeText(dayBytes)}`
  if (days < DAYS_OF_ROOM)
    return warning(
      name,
      `${growth}: within ${Math.ceil(days)} days nothing can be taken any more. Make room.`,
    )
  return ok(name, `${growth}.`)
}
