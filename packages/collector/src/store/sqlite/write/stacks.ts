import { createHash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { StackFrame } from '@faultline/protocol'
import { LRUCache } from 'lru-cache'
import { encodeFrames } from '../payload-codec.js'

/** UTF-16 units of the frames that are known by heart. */
const MEMORY_LENGTH = 8_388_608

/** Frames of exceptions, each list stored once. */
export class Stacks {
  readonly #find: StatementSync
  readonly #insert: StatementSync
  readonly #ids = new LRUCache<string, number>({
    maxSize: MEMORY_LENGTH,
    sizeCalculation: (_id, frames) => frames.length,
  })

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT id FROM stacks WHERE hash = ?')
    this.#insert = database.prepare('INSERT INTO stacks (hash, frames) VALUES (?, ?)')
  }

  /** The id of these frames. */
  idOf(frames: StackFrame[]): number {
    const json = JSON.stringify(frames)
    let id = this.#ids.get(json)
    if (id === undefined) {
      id = this.#findOrInsert(json)
      this.#ids.set(json, id)
    }
    return id
  }

  clear(): void {
    this.#ids.clear()
  }

  #findOrInsert(json: string): number {
    const hash = createHash('sha256').update(json).digest().subarray(0, 16)
    const found = this.#find.get(hash)
    return Number(found?.id ?? this.#insert.run(hash, encodeFrames(json)).lastInsertRowid)
  }
}
