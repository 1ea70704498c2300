import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { extract, type Header } from 'tar-stream'
import type { OnProgress } from '../store/sqlite/snapshot.js'
import { BackupFailed } from './backup-failed.js'
import { MANIFEST_NAME, type Manifest, readManifest } from './manifest.js'
import { sizeText } from './size-text.js'

/** A manifest is of a thousand bytes. */
const MOST_MANIFEST_BYTES = 65_536
const TAR_BLOCK_BYTES = 512
const TAR_END_BYTES = 1024

type Entry = AsyncIterable<unknown> & { header: Header }

export interface ReadOptions {
  file: string
  /** Called once, before any part is written. @returns the folder that they are written to */
  onManifest(manifest: Manifest): string
  onProgress?: OnProgress
}

/**
 * Reads a backup from its beginning to its end, and writes its parts, each as the manifest says it.
 * @throws BackupFailed that says what is damaged
 */
export async function readBackup(options: ReadOptions): Promise<Manifest> {
  const { file } = options
  const sizeBytes = checkFile(file)
  const entries = extract()
  const reading = pipeline(createReadStream(file, { highWaterMark: 1_048_576 }), entries)
  reading.catch(() => undefined) // the loop below throws the same
  let manifest: Manifest | undefined
  try {
    let folder = ''
    let next = 0
    for await (const entry of entries) {
      if (manifest === undefined) {
        manifest = await readFirst(entry, file)
        checkLength(manifest, { file, sizeBytes, manifestBytes: entry.header.size })
        folder = options.onManifest(manifest)
      } else {
        await writePart(entry, manifest.parts[next++], { ...options, folder })
      }
    }
    if (manifest === undefined) throw noBackup(file)
    if (next < manifest.parts.length)
      throw new BackupFailed(`${file} is damaged: it has no ${manifest.parts[next]?.name}.`)
    return manifest
  } catch (error) {
    throw explain(error, file, manifest)
  } finally {
    entries.destroy()
    await reading.catch(() => undefined)
  }
}

function checkFile(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) throw new BackupFailed(`There is no file ${file}.`)
  if (!found.isFile())
    throw new BackupFailed(`${file} is no file: name one that \`faultline backup\` has written.`)
  if (found.size === 0) throw new BackupFailed(`${file} is empty: it is no backup of Faultline.`)
  return found.size
}

async function readFirst(entry: Entry, file: string): Promise<Manifest> {
  const { name, size } = entry.header
  if (name !== MANIFEST_NAME || size > MOST_MANIFEST_BYTES) throw noBackup(file)
  return readManifest(await text(Readable.from(entry)), file)
}

function checkLength(
  { parts }: Manifest,
  { file, sizeBytes, manifestBytes }: { file: string; sizeBytes: number; manifestBytes: number },
): void {
  const sizes = [manifestBytes, ...parts.map((part) => part.sizeBytes)]
  const blocks = sizes.map((size) => TAR_BLOCK_BYTES * (1 + Math.ceil(size / TAR_BLOCK_BYTES)))
  const expected = blocks.reduce((sum, size) => sum + size, TAR_END_BYTES)
  if (sizeBytes < expected)
    throw new BackupFailed(
      `${file} ends after ${sizeText(sizeBytes)} of ${sizeText(expected)}: copy it again, or take another backup.`,
    )
}

interface Writing extends ReadOptions {
  folder: string
}

async function writePart(
  entry: Entry,
  part: Manifest['parts'][number] | undefined,
  { file, folder, onProgress }: Writing,
): Promise<void> {
  const { name, size } = entry.header
  if (part === undefined || name !== part.name || size !== part.sizeBytes)
    throw new BackupFailed(
      `${file} is damaged: where ${part?.name ?? 'its end'} should be, it has ${name} of ${size} bytes.`,
    )
  const hash = createHash('sha256')
  let doneBytes = 0
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      doneBytes += chunk.length
      onProgress?.(doneBytes, part.sizeBytes)
      done(null, chunk)
    },
  })
  const target = createWriteStream(join(folder, part.name), { mode: 0o600, flags: 'wx', flush: true })
  await pipeline(Readable.from(entry), hashing, target)
  if (hash.digest('hex') !== part.sha256)
    throw new BackupFailed(
      `${file} is damaged: ${part.name}: its checksum differs from the manifest's. Take another backup.`,
    )
}

function noBackup(file: string): BackupFailed {
  return new BackupFailed(
    `${file} is no backup of Faultline, or its beginning is damaged: name a file that \`faultline backup\` has written.`,
  )
}

/** What tar-stream throws, as a sentence; what the system throws, such as a full disk, as it is. */
function explain(error: unknown, file: string, manifest: Manifest | undefined): unknown {
  if (error instanceof BackupFailed || (error as NodeJS.ErrnoException).syscall !== undefined) return error
  if (manifest === undefined) return noBackup(file)
  return new BackupFailed(
    `${file} is damaged behind its manifest (${(error as Error).message}): take another backup.`,
    { cause: error },
  )
}
