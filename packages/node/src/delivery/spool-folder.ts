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
  /** Under which anybody may take what is in it. */
  readonly #pathGivenUp: string
  #beat: NodeJS.Timeout | undefined

  constructor(parent: string) {
    const mark = `${process.pid}~${randomBytes(4).toString('hex')}`
    this.name = `${hostname()}~${mark}`
    this.path = join(parent, this.name)
    this.#pathGivenUp = join(parent, `${GIVEN_UP}~${mark}`)
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
    await rename(this.path, this.#pathGivenUp).catch(() => undefined)
  }
}

/** What tells whether an owner has ended. */
export interface Evidence {
  /** Milliseconds since 1970. */
  now: number
  /** On this host. */
  isRunning: (pid: number) => boolean
}

export interface LeftFile {
  /** Its path. */
  folder: string
  fileName: string
}

/** The files in folders whose owner has ended, the oldest first. Folders that are empty are removed. */
export async function leftFiles(parent: string, own: SpoolFolder, evidence: Evidence): Promise<LeftFile[]> {
  const left: LeftFile[] = []
  for (const name of await namesIn(parent)) {
    const folder = join(parent, name)
    if (name === own.name || !(await hasEnded(name, folder, evidence))) continue
    const fileNames = await namesIn(folder)
    if (fileNames.length === 0) await rmdir(folder).catch(() => undefined)
    for (const fileName of fileNames) left.push({ folder, fileName })
  }
  return left.sort((a, b) => (a.fileName < b.fileName ? -1 : 1))
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

/**
 * On this host, an owner that is no process any more has ended. Elsewhere, and where a process number may have come again (a container
 * that was started anew), one that has not beaten for a minute. Both may err for an owner that lives: it then finds its files gone.
 */
async function hasEnded(name: string, path: string, { now, isRunning }: Evidence): Promise<boolean> {
  const [, host, pid] = OWNER.exec(name) ?? []
  if (host === undefined) return false
  if (host === GIVEN_UP) return true
  if (host === hostname() && Number(pid) !== process.pid && !isRunning(Number(pid))) return true
  const beat = await stat(path).catch(() => undefined)
  // either way: a clock that was set back must not keep files for ever
  return beat !== undefined && Math.abs(now - beat.mtimeMs) > SILENT_MS
}

/** Whether there is such a process on this host. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // there is one, and it is another user's
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
