import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  databaseFiles,
  isHalfRestored,
  LOCK,
  lockDataFolder,
  makeDataFolder,
  RESTORING,
} from '../data-folder.js'
import { QUEUE_VERSION } from '../queue/sqlite/queue-schema.js'
import { checkIntegrity } from '../store/sqlite/check-integrity.js'
import type { OnProgress } from '../store/sqlite/snapshot.js'
import { STORE_VERSION } from '../store/sqlite/store-facts.js'
import { BackupFailed } from './backup-failed.js'
import type { Manifest } from './manifest.js'
import { readBackup } from './read-backup.js'
import { readContents } from './read-contents.js'
import { sizeText } from './size-text.js'
import { syncFolder } from './sync-folder.js'

export interface RestoreOptions {
  file: string
  /** The data folder: empty, or not there yet. */
  data: string
  /** Told what it is at, and how many of how many bytes are done. */
  onProgress?: (step: string, ...progress: Parameters<OnProgress>) => void
}

/**
 * Makes a data folder of a backup. All of it is checked first: either the folder has both databases then, or it is as it was.
 * Killed in the middle it leaves a folder that no collector starts on, and that the next restore takes for an empty one.
 *
 * @throws BackupFailed that says what is damaged, or what is in the folder; CannotStart where it cannot be written or is in use
 */
export async function restoreBackup({ file, data, onProgress }: RestoreOptions): Promise<Manifest> {
  const path = resolve(data)
  checkEmpty(path)
  const target: Target = { path, isNew: !existsSync(path), staging: join(path, RESTORING) }
  try {
    const manifest = await readBackup({
      file: resolve(file),
      onManifest(found) {
        checkVersions(found, file)
        stage(target, found)
        return target.staging
      },
      onProgress: (...progress) => onProgress?.('reading', ...progress),
    })
    onProgress?.('checking', 0, 1)
    checkParts(target.staging, manifest, file)
    await moveIn(target)
    return manifest
  } finally {
    clear(target)
  }
}

interface Target {
  path: string
  /** It was not there before. */
  isNew: boolean
  staging: string
  /** Once it is locked. */
  release?: () => void
}

function checkEmpty(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isDirectory()) throw new BackupFailed(`${path} is a file: name an empty folder with --data.`)
  const remains = [LOCK, `${LOCK}-journal`, RESTORING, ...(isHalfRestored(path) ? ['queue.db'] : [])]
  const others = readdirSync(path).filter((name) => !remains.includes(name) && name !== 'lost+found')
  if (others.length === 0) return
  const more = others.length > 3 ? ` and ${others.length - 3} more` : ''
  throw new BackupFailed(
    `${path} is not empty, it has ${others.slice(0, 3).join(', ')}${more}: move that away, or name an empty folder with --data.`,
  )
}

function checkVersions({ schemas, faultline }: Manifest, file: string): void {
  if (schemas.store <= STORE_VERSION && schemas.queue <= QUEUE_VERSION) return
  throw new BackupFailed(
    `${file} is of a newer Faultline: store ${schemas.store} and queue ${schemas.queue}, and this one knows ${STORE_VERSION} and ${QUEUE_VERSION}. Restore it with Faultline ${faultline} or newer.`,
  )
}

function stage(target: Target, { parts }: Manifest): void {
  const { path, staging } = target
  makeDataFolder(path)
  target.release = lockDataFolder(path)
  checkEmpty(path) // a collector may have come and gone
  const wanted = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const { bavail, bsize } = statfsSync(path)
  if (bavail * bsize < wanted)
    throw new BackupFailed(
      `${path} needs ${sizeText(wanted)}, and ${sizeText(bavail * bsize)} are free: make room, or name a folder on another disk.`,
    )
  if (isHalfRestored(path)) rmSync(databaseFiles(path).queueFile, { force: true })
  rmSync(staging, { recursive: true, force: true })
  mkdirSync(staging, { mode: 0o700 })
}

function checkParts(folder: string, { parts, schemas, counts }: Manifest, file: string): void {
  for (const { name } of parts) {
    const mistake = checkIntegrity(join(folder, name))
    if (mistake !== undefined)
      throw new BackupFailed(`${file} is damaged: ${name}: ${mistake}. Take another backup.`)
  }
  const found = readContents(databaseFiles(folder))
  if (isDeepStrictEqual(found, { schemas, counts })) return
  throw new BackupFailed(
    `${file} is damaged: it holds ${JSON.stringify({ ...found.schemas, ...found.counts })}, and its manifest says ${JSON.stringify({ ...schemas, ...counts })}. Take another backup.`,
  )
}

/** The store last: until it has left the staging folder, no collector starts. */
async function moveIn({ path, isNew, staging }: Target): Promise<void> {
  const from = databaseFiles(staging)
  const to = databaseFiles(path)
  await syncFolder(staging)
  renameSync(from.queueFile, to.queueFile)
  renameSync(from.storeFile, to.storeFile)
  await syncFolder(path)
  if (isNew) await syncFolder(dirname(path))
}

/** After a success only the empty staging folder is left to go. */
function clear({ path, isNew, staging, release }: Target): void {
  const { storeFile, queueFile } = databaseFiles(path)
  if (release !== undefined) {
    const isDone = existsSync(storeFile)
    if (!isDone) for (const file of [queueFile, join(path, LOCK)]) rmSync(file, { force: true })
    rmSync(staging, { recursive: true, force: true })
    release()
  }
  if (isNew) removeIfEmpty(path)
}

function removeIfEmpty(path: string): void {
  if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path)
}
