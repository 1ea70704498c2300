import { createHash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { StackFrame } from '@faultline/protocol'
import { LRUCache } from 'lru-cache'
import { hashText } from '../hash-text.js'
import { encodeFrames } from '../payload-codec.js'

// 2 500 stacks of 20 frames.
const MEMORY_BYTES = 16_777_216
// Measured: the object of a frame; its texts come on top.
const FRAME_BYTES = 160
/** An event may come so many rows behind the one that is noted: to note each would cost a write an event. */
export const NOTED_EVERY_ROWS = 20_000

interface Known {
  id: number
  /** See `last_event_row`. */
  notedRow: number
  frames: StackFrame[]
  bytes: number
}

/** Frames of exceptions, each list stored once. */
export class Stacks {
  readonly #find: StatementSync
  readonly #insert: StatementSync
  readonly #note: StatementSync
  /** By their outlines. Comparing with what is known takes 3 µs; the JSON of 20 frames, and looking that up, 20 µs. */
  readonly #known = new LRUCache<number, Known>({
    maxSize: MEMORY_BYTES,
    sizeCalculation: ({ bytes }) => bytes,
  })

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT id, last_event_row FROM stacks WHERE hash = ?')
    this.#insert = database.prepare('INSERT INTO stacks (hash, frames, last_event_row) VALUES (?, ?, ?)')
    this.#note = database.prepare('UPDATE stacks SET last_event_row = ? WHERE id = ?')
  }

  /** The id of these frames. @param lastRow of the events: the one that has these frames comes next */
  idOf(frames: StackFrame[], lastRow: number): number {
    const outline = outlineOf(frames)
    const known = this.#known.get(outline)
    if (known !== undefined && areEqual(known.frames, frames)) {
      this.#noteRow(known, lastRow)
      return known.id
    }
    const json = JSON.stringify(frames)
    const found = this.#findOrInsert(json, lastRow)
    this.#noteRow(found, lastRow)
    // Not the frames themselves: a slice of a text would keep all of that in memory.
    const bytes = json.length + frames.length * FRAME_BYTES + 1
    this.#known.set(outline, { ...found, frames: JSON.parse(json), bytes })
    return found.id
  }

  /** Those that were deleted or rewritten. */
  forget(ids: ReadonlySet<number>): void {
    for (const [outline, { id }] of this.#known) if (ids.has(id)) this.#known.delete(outline)
  }

  clear(): void {
    this.#known.clear()
  }

  #noteRow(stack: Pick<Known, 'id' | 'notedRow'>, lastRow: number): void {
    if (lastRow <= stack.notedRow + NOTED_EVERY_ROWS) return
    this.#note.run(lastRow, stack.id)
    stack.notedRow = lastRow
  }

  #findOrInsert(json: string, lastRow: number): Pick<Known, 'id' | 'notedRow'> {
    const hash = createHash('sha256').update(json).digest().subarray(0, 16)
    const found = this.#find.get(hash)
    if (found !== undefined) return { id: Number(found.id), notedRow: Number(found.last_event_row) }
    const { lastInsertRowid } = this.#insert.run(hash, encodeFrames(json), lastRow)
    return { id: Number(lastInsertRowid), notedRow: lastRow }
  }
}

/** 32 bits that hardly any two stacks share. Those that do take turns in being known. */
function outlineOf(frames: readonly StackFrame[]): number {
  let outline = hashText(frames[0]?.function ?? '') | 0
  for (const { line = 0, column = 0, function: name = '' } of frames) {
    outline = Math.imul(outline ^ line, 0x5bd1e995) ^ Math.imul(column + 1, name.length + 1)
    outline ^= outline >>> 15
  }
  return outline
}

function areEqual(frames: readonly StackFrame[], others: readonly StackFrame[]): boolean {
  return frames.length === others.length && frames.every((frame, index) => isEqual(frame, others[index]))
}

const KNOWN_MEMBERS = new Set(['function', 'file', 'line', 'column', 'module', 'inApp', 'context'])

/** Names every member of a frame: going through them by name costs 3 µs more. One that has others is equal to none. */
function isEqual(frame: StackFrame, other: StackFrame | undefined): boolean {
  return (
    other !== undefined &&
    !hasOthers(frame) &&
    !hasOthers(other) &&
    frame.line === other.line &&
    frame.column === other.column &&
    frame.function === other.function &&
    frame.file === other.file &&
    frame.module === other.module &&
    frame.inApp === other.inApp &&
    (frame.context === other.context || JSON.stringify(frame.context) === JSON.stringify(other.context))
  )
}

function hasOthers(frame: StackFrame): boolean {
  for (const name in frame) if (!KNOWN_MEMBERS.has(name)) return true
  return false
}
