import { constants, mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { labelOf, type Parcel, parcelFileName } from './parcel.js'
import { isRunning, type LeftFile, leftFiles, SpoolFolder } from './spool-folder.js'
import { type SpooledParcel, SpooledParcels } from './spooled-parcels.js'

export type { SpooledParcel } from './spooled-parcels.js'

/** Whoever may write here could make us send any file. */
const NO_LINK = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)

export interface SpoolOptions {
  /** Of this project alone. */
  folder: string
  /** On disk; beyond it the oldest parcels go. */
  maxBytes: number
  /** Hears of parcels that are here no more: there was no room, or their file is gone. */
  onLost: (parcel: SpooledParcel, reason: 'spool_full' | 'spool_gone') => void
}

/** What is on disk is not held in memory too: kinds hold the text of their stacks. */
const NOTHING: Parcel['carried'] = new Map()

/** What this process knows of a parcel that another has packed. */
const OF_ANOTHER: Pick<Parcel, 'dropped' | 'carried' | 'isForeign'> = {
  dropped: [],
  carried: NOTHING,
  isForeign: true,
}

/**
 * Parcels on disk, oldest first. Each process has a folder of its own, so that no two send the same file; what a process that has
 * ended left behind is taken over by the next one that looks.
 */
export class Spool {
  readonly #options: SpoolOptions
  readonly #own: SpoolFolder
  readonly #parcels = new SpooledParcels()
  /** The file that is on its way just now: it may arrive, and must not be given up. */
  #lent: string | undefined
  #takingOver: Promise<boolean> | undefined
  #isClosed = false

  constructor(options: SpoolOptions) {
    this.#options = options
    this.#own = new SpoolFolder(options.folder)
  }

  get isEmpty(): boolean {
    return this.#parcels.isEmpty
  }

  /** @throws what the file system throws: read-only, full, not allowed */
  async add(parcel: Parcel): Promise<void> {
    const path = join(this.#own.path, parcelFileName(parcel))
    await this.#prepare()
    try {
      // whole or not at all: whoever reads the folder sees no half of a file
      await writeFile(`${path}.part`, parcel.body, { mode: 0o600 })
      await rename(`${path}.part`, path)
    } catch (error) {
      await rm(`${path}.part`, { force: true }).catch(() => undefined)
      throw error
    }
    const { body, ...label } = parcel
    this.#parcels.add({ ...label, carried: NOTHING, fileName: parcelFileName(parcel), bytes: body.length })
    await this.#keepToSize()
  }

  /** The same at the end of a process, when nothing can be waited for; the limit of size is left to the next process. */
  addNow(parcel: Parcel): void {
    const path = join(this.#own.path, parcelFileName(parcel))
    mkdirSync(this.#own.path, { recursive: true, mode: 0o700 })
    writeFileSync(`${path}.part`, parcel.body, { mode: 0o600 })
    renameSync(`${path}.part`, path)
  }

  /** At the end of a process: an empty folder is of no use to the next. */
  closeNow(): void {
    try {
      rmdirSync(this.#own.path)
    } catch {
      // it is not empty, or was never there
    }
  }

  /** The oldest parcel with its bytes. One that has gone, because another process took this one for dead, is that one's now. */
  async oldest(
    isWanted: (parcel: SpooledParcel) => boolean = () => true,
  ): Promise<(Parcel & SpooledParcel) | undefined> {
    for (;;) {
      const label = this.#parcels.find(isWanted)
      this.#lent = label?.fileName
      if (label === undefined) return undefined
      try {
        return { ...label, body: await readFile(join(this.#own.path, label.fileName), { flag: NO_LINK }) }
      } catch {
        this.#parcels.remove(label)
        this.#options.onLost(label, 'spool_gone')
      }
    }
  }

  async remove(parcel: SpooledParcel): Promise<void> {
    this.#parcels.remove(parcel)
    await rm(join(this.#own.path, parcel.fileName), { force: true }).catch(() => undefined)
  }

  /** Takes over what ended processes left, until it is closed. @returns whether there was anything */
  takeOver(): Promise<boolean> {
    this.#takingOver ??= this.#takeOver().finally(() => {
      this.#takingOver = undefined
    })
    return this.#takingOver
  }

  /** Leaves the folder to the next process. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#takingOver
    if (this.isEmpty) await rmdir(this.#own.path).catch(() => undefined)
    await this.#own.giveUp()
  }

  async #takeOver(): Promise<boolean> {
    const left = await leftFiles(this.#options.folder, this.#own, { now: Date.now(), isRunning })
    if (left.length > 0 && !this.#isClosed) await this.#prepare().catch(() => undefined)
    for (const file of left) {
      if (this.#isClosed) break
      await this.#take(file)
    }
    for (const folder of new Set(left.map(({ folder }) => folder))) await rmdir(folder).catch(() => undefined)
    await this.#keepToSize()
    return left.length > 0
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#own.path, { recursive: true, mode: 0o700 })
    this.#own.keepAlive()
  }

  async #take({ folder, fileName }: LeftFile): Promise<void> {
    const [path, ownPath] = [join(folder, fileName), join(this.#own.path, fileName)]
    const label = labelOf(fileName)
    try {
      if (label === undefined) return await rm(path, { force: true })
      await rename(path, ownPath)
      const { size: bytes } = await stat(ownPath)
      this.#parcels.add({ ...label, ...OF_ANOTHER, fileName, bytes })
    } catch {
      // of two processes that move the same file, one succeeds
    }
  }

  async #keepToSize(): Promise<void> {
    while (this.#parcels.bytes > this.#options.maxBytes && !this.#isClosed) {
      const oldest = this.#parcels.find(({ fileName }) => fileName !== this.#lent)
      if (oldest === undefined) return
      await this.remove(oldest)
      this.#options.onLost(oldest, 'spool_full')
    }
  }
}
