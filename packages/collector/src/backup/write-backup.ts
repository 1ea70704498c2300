import { createHash } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { statfs } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import { databaseFiles, lockDataFolder } from '../data-folder.js'
import { openQueue } from '../queue/sqlite/open-queue.js'
import { checkIntegrity } from '../store/sqlite/check-integrity.js'
import type { OnProgress } from '../store/sqlite/snapshot.js'
import { BackupFailed } from './backup-failed.js'
import { createManifest, MANIFEST_NAME, type Manifest, manifestText, PART_NAMES } from './manifest.js'
import { readContents } from './read-contents.js'
import { sizeText } from './size-text.js'
import { syncFolder } from './sync-folder.js'
import { takeMoment } from './take-moment.js'

export interface BackupOptions {
  /** The data folder. A collector may be running on it. */
  data: string
  file: string
  /** Takes the place of a file that is there. */
  force?: boolean
  /** Milliseconds since 1970. */
  now: number
  /** The version of the program. */
  faultline: string
  /** What a collector on the same disk needs to go on. */
  minFreeDiskBytes: number
  /** Told what it is at, and how many of how many bytes are done. */
  onProgress?: (step: string, ...progress: Parameters<OnProgress>) => void
}

/**
 * Copies both databases into one file while a collector goes on writing them. Nothing that was acknowledged before is missing.
 * The file is there once it is complete and on the disk.
 *
 * @throws BackupFailed
 */
export async function writeBackup(options: BackupOptions): Promise<Manifest> {
  const file = resolve(options.file)
  const sources = checkSources(options)
  checkTarget(file, options)
  await checkRoom(file, options)
  const parts = `${file}.parts` // of the same name at the next try, which clears what a killed one has left
  mkdirSync(parts, { recursive: true, mode: 0o700 })
  const release = lockParts(parts, file)
  try {
    const folder = join(parts, 'copies')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    const manifest = await copyParts(sources, { ...options, folder })
    await writeTar(file, { ...options, folder, manifest })
    return manifest
  } catch (error) {
    throw explain(error, options)
  } finally {
    release()
    rmSync(parts, { recursive: true, force: true })
  }
}

function lockParts(parts: string, file: string): () => void {
  try {
    return lockDataFolder(parts)
  } catch (cause) {
    throw new BackupFailed(`Another backup to ${file} is being made: wait for it, or name another file.`, {
      cause,
    })
  }
}

type Files = ReturnType<typeof databaseFiles>

interface Copying extends BackupOptions {
  /** Of the copies. */
  folder: string
}

function checkSources({ data }: BackupOptions): Files {
  const path = resolve(data)
  const files = databaseFiles(path)
  if (existsSync(files.storeFile)) return files
  throw new BackupFailed(
    `There is nothing in ${path} to back up: name the folder of a collector with --data or FAULTLINE_DATA.`,
  )
}

function checkTarget(file: string, { force = false }: BackupOptions): void {
  const folder = dirname(file)
  if (!existsSync(folder)) throw new BackupFailed(`There is no folder ${folder}: make it, or name another.`)
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isDirectory()) throw new BackupFailed(`${file} is a folder: name a file in it.`)
  if (found !== undefined && !force)
    throw new BackupFailed(`${file} is there already: name another file, or replace it with --force.`)
}

/** The copies and the file that is made of them are there at the same time. */
async function checkRoom(file: string, { data, minFreeDiskBytes }: BackupOptions): Promise<void> {
  const folder = dirname(file)
  const { storeFile, queueFile } = databaseFiles(resolve(data))
  const sizes = [storeFile, `${storeFile}-wal`, queueFile, `${queueFile}-wal`].map(
    (one) => statSync(one, { throwIfNoEntry: false })?.size ?? 0,
  )
  const isSameDisk = statSync(folder).dev === statSync(resolve(data)).dev
  const wanted = 2 * sizes.reduce((sum, size) => sum + size, 0) + (isSameDisk ? minFreeDiskBytes : 0)
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= wanted) return
  const reserve = isSameDisk ? `, ${sizeText(minFreeDiskBytes)} of it for the collector to go on` : ''
  throw new BackupFailed(
    `A backup to ${folder} takes ${sizeText(wanted)} while it is made${reserve}, and ${sizeText(bavail * bsize)} are free: make room, or name a file on another disk.`,
  )
}

async function copyParts(sources: Files, options: Copying): Promise<Manifest> {
  const { folder, now, faultline, onProgress } = options
  const copies = databaseFiles(folder)
  const moment = await takeMoment({ ...sources, queueFile: await queueFileOf(sources, folder) })
  try {
    await moment.queue.copyTo(copies.queueFile, (...progress) =>
      onProgress?.('copying queue.db', ...progress),
    )
    moment.queue.close() // its log holds bodies that are not scrubbed: the sooner it can be emptied, the better
    await moment.store.copyTo(copies.storeFile, (...progress) =>
      onProgress?.('copying store.db', ...progress),
    )
  } finally {
    moment.close()
  }
  const parts: Manifest['parts'] = []
  for (const name of PART_NAMES) parts.push(await readPart(name, options))
  return createManifest({ madeAt: new Date(now).toISOString(), faultline, ...readContents(copies), parts })
}

/** A new one where a collector has never run yet. */
async function queueFileOf({ queueFile }: Files, folder: string): Promise<string> {
  if (existsSync(queueFile)) return queueFile
  const file = join(folder, 'new-queue.db')
  await openQueue(file, { limitBytes: 0 }).close()
  return file
}

/** What would be refused when it is restored is not kept for that day. */
async function readPart(
  name: string,
  { folder, data, onProgress }: Copying,
): Promise<Manifest['parts'][number]> {
  const copy = join(folder, name)
  const sizeBytes = statSync(copy).size
  onProgress?.(`checking ${name}`, 0, sizeBytes)
  const mistake = checkIntegrity(copy)
  if (mistake !== undefined) throw damaged(join(resolve(data), name), mistake)
  const hash = createHash('sha256')
  let doneBytes = 0
  for await (const chunk of createReadStream(copy, { highWaterMark: 1_048_576 })) {
    hash.update(chunk)
    doneBytes += chunk.length
    onProgress?.(`checking ${name}`, doneBytes, sizeBytes)
  }
  return { name, sizeBytes, sha256: hash.digest('hex') }
}

async function writeTar(file: string, options: Copying & { manifest: Manifest }): Promise<void> {
  const { folder, manifest, now, onProgress } = options
  const partial = `${file}.partial`
  rmSync(partial, { force: true })
  const tar = pack()
  const writing = pipeline(
    Readable.from(tar),
    createWriteStream(partial, { mode: 0o600, flags: 'wx', flush: true }),
  )
  const packing = async () => {
    const mtime = new Date(now)
    tar.entry({ name: MANIFEST_NAME, mode: 0o600, mtime }, manifestText(manifest))
    for (const { name, sizeBytes } of manifest.parts) {
      let doneBytes = 0
      const entry = tar.entry({ name, mode: 0o600, mtime, size: sizeBytes })
      const reading = createReadStream(join(folder, name), { highWaterMark: 1_048_576 })
      reading.on('data', (chunk) => {
        doneBytes += chunk.length
        onProgress?.(`writing ${basename(file)}`, doneBytes, sizeBytes)
      })
      await pipeline(reading, entry)
    }
    tar.finalize()
  }
  try {
    await Promise.all([writing, packing()])
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
  renameSync(partial, file)
  await syncFolder(dirname(file))
}

/** What SQLite throws is mostly a damage that it meets before all is checked. */
function explain(error: unknown, { data }: BackupOptions): unknown {
  if ((error as { code?: unknown }).code !== 'ERR_SQLITE_ERROR') return error
  for (const name of PART_NAMES) {
    const file = join(resolve(data), name)
    const mistake = existsSync(file) ? checkIntegrity(file, { isQuick: true }) : undefined
    if (mistake !== undefined) return damaged(file, mistake)
  }
  const { message } = error as Error
  return new BackupFailed(
    `What is in ${resolve(data)} cannot be copied (${message}): see what \`faultline doctor\` says of it.`,
    { cause: error },
  )
}

function damaged(file: string, mistake: string): BackupFailed {
  return new BackupFailed(
    `${file} is damaged (${mistake}), and no backup was made of it: restore the last one that you have, into another folder.`,
  )
}
