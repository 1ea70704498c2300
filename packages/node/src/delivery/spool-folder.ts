import { randomBytes } from 'node:crypto'
import { utimes } from 'node:fs'
import { readdir, rename, rmdir, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

const BEAT_MS = 15_000
const SILENT_MS = 60_000
/** In place of the host's name: the owner itself has given the folder up. */
const GIVEN_UP = '(given up)'
const OWNER = /^(.+)~(\d+)~[\da-f]+$/

/** A folder that one process owns: its name says who, its time says that the owner lives. */
export class SpoolFolder {
  readonly name: string
  readonly path: string
  readonly #parent: string
  #beat: NodeJS.Timeout | undefined

  constructor(parent: string) {
    this.name = `${hostname()}~${process.pid}~${randomBytes(4).toString('hex')}`
    this.path = join(parent, this.name)
    this.#parent = parent
  }

  /** From now on the folder says that its owner lives. */
  keepAlive(): void {
    this.#beat ??= setInterval(() => {
      const now = new Date()
      utimes(this.path, now, now, () => undefined)
    }, BEAT_MS).unref()
  }

  /** Whoever looks next may take what is in it. */
  async giveUp(): Promise<void> {
    clearInterval(this.#beat)
    await rename(this.path, join(this.#parent, this.name.replace(/^[^~]+/, GIVEN_UP))).catch(() => undefined)
  }
}

export interface LeftFile {
  path: string
  fileName: string
  bytes: number
}

/** The files in folders whose owner has ended. Folders that are empty are removed. */
export async function leftFiles(parent: string, own: SpoolFolder): Promise<LeftFile[]> {
  const names = await readdir(parent).catch(() => [])
  const left: LeftFile[] = []
  for (const name of names) {
    const path = join(parent, name)
    if (name === own.name || !(await hasEnded(name, path))) continue
    const files = await filesIn(path)
    if (files.length === 0) await rmdir(path).catch(() => undefined)
    left.push(...files)
  }
  return left
}

/**
 * On this host, an owner that is no process any more has ended. Elsewhere, and where a process number may have come again (a container
 * that was started anew), one that has not beaten for a minute. Both may err for an owner that lives: it then finds its files gone.
 */
async function hasEnded(name: string, path: string): Promise<boolean> {
  const [, host, pid] = OWNER.exec(name) ?? []
  if (host === undefined) return false
  if (host === GIVEN_UP) return true
  if (host === hostname() && Number(pid) !== process.pid && !isRunning(Number(pid))) return true
  const beat = await stat(path).catch(() => undefined)
  // either way: a clock that was set back must not keep files for ever
  return beat !== undefined && Math.abs(Date.now() - beat.mtimeMs) > SILENT_MS
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function filesIn(folder: string): Promise<LeftFile[]> {
  const names = await readdir(folder).catch(() => [])
  const files = names.map(async (fileName) => {
    const path = join(folder, fileName)
    const bytes = (await stat(path).catch(() => undefined))?.size ?? 0
    return { path, fileName, bytes }
  })
  return Promise.all(files)
}
