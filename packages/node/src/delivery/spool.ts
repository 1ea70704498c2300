import { mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { labelOf, type Parcel, type ParcelLabel, parcelFileName } from './parcel.js'
import { leftFiles, SpoolFolder } from './spool-folder.js'

/** A parcel on disk. */
export interface SpooledParcel extends ParcelLabel {
  /** As far as this process knows. */
  readonly dropped: Parcel['dropped']
  readonly fileName: string
  readonly bytes: number
  /** Left by an earlier process. */
  readonly isForeign: boolean
}

export interface SpoolOptions {
  /** Of this project alone. */
  folder: string
  /** On disk; beyond it the oldest parcels go. */
  maxBytes: number
  /** Hears of parcels that had to go. */
  onEvicted: (parcel: SpooledParcel) => void
}

/**
 * Parcels on disk, oldest first. Each process has a folder of its own, so that no two send the same file; what a process that has
 * ended left behind is taken over by the next one that looks.
 */
export class Spool {
  readonly #options: SpoolOptions
  readonly #own: SpoolFolder
  /** Sorted by age. */
  #parcels: SpooledParcel[] = []
  #bytes = 0
  /** The file that is on its way just now: it may arrive, and must not be given up. */
  #lent: string | undefined

  constructor(options: SpoolOptions) {
    this.#options = options
    this.#own = new SpoolFolder(options.folder)
  }

  get isEmpty(): boolean {
    return this.#parcels.length === 0
  }

  /** @throws what the file system throws: read-only, full, not allowed */
  async add(parcel: Parcel): Promise<void> {
    const path = join(this.#own.path, parcelFileName(parcel))
    await mkdir(this.#own.path, { recursive: true, mode: 0o700 })
    this.#own.keepAlive()
    try {
      // whole or not at all: whoever reads the folder sees no half of a file
      await writeFile(`${path}.part`, parcel.body, { mode: 0o600 })
      await rename(`${path}.part`, path)
    } catch (error) {
      await rm(`${path}.part`, { force: true }).catch(() => undefined)
      throw error
    }
    const { body, ...label } = parcel
    this.#list({ ...label, fileName: parcelFileName(parcel), bytes: body.length, isForeign: false })
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
        return { ...label, body: await readFile(join(this.#own.path, label.fileName)) }
      } catch {
        this.#unlist(label)
      }
    }
  }

  async remove(parcel: SpooledParcel): Promise<void> {
    this.#unlist(parcel)
    await rm(join(this.#own.path, parcel.fileName), { force: true }).catch(() => undefined)
  }

  /** Takes over what ended processes left. @returns whether there was anything */
  async takeOver(): Promise<boolean> {
    const left = await leftFiles(this.#options.folder, this.#own)
    for (const { path, fileName, bytes } of left) {
      const label = labelOf(fileName)
      if (label === undefined) await rm(path, { force: true }).catch(() => undefined)
      else if (await this.#move(path, fileName))
        this.#list({ ...label, dropped: [], fileName, bytes, isForeign: true })
    }
    for (const folder of new Set(left.map(({ path }) => dirname(path))))
      await rmdir(folder).catch(() => undefined)
    await this.#keepToSize()
    return left.length > 0
  }

  /** Leaves the folder to the next process. */
  async close(): Promise<void> {
    if (this.isEmpty) await rmdir(this.#own.path).catch(() => undefined)
    await this.#own.giveUp()
  }

  /** Of two processes that move the same file, one succeeds. */
  async #move(path: string, fileName: string): Promise<boolean> {
    try {
      await mkdir(this.#own.path, { recursive: true, mode: 0o700 })
      this.#own.keepAlive()
      await rename(path, join(this.#own.path, fileName))
      return true
    } catch {
      return false
    }
  }

  async #keepToSize(): Promise<void> {
    while (this.#bytes > this.#options.maxBytes) {
      const oldest = this.#parcels.find(({ fileName }) => fileName !== this.#lent)
      if (oldest === undefined) return
      await this.remove(oldest)
      this.#options.onEvicted(oldest)
    }
  }

  #list(parcel: SpooledParcel): void {
    this.#bytes += parcel.bytes
    this.#parcels.push(parcel)
    this.#parcels.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #unlist({ fileName, bytes }: SpooledParcel): void {
    const kept = this.#parcels.filter((parcel) => parcel.fileName !== fileName)
    if (kept.length < this.#parcels.length) this.#bytes -= bytes
    this.#parcels = kept
  }
}
