import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ErrorEvent, StackFrame } from '@faultline/protocol'
import { decodeDictionary, decodeFrames, decompress, readPayloadText } from '../payload-codec.js'
import { idDigits } from './event-ids.js'

export const TEXT_COLUMNS =
  'e.id AS row, e.event_id AS eventId, e.project_id AS projectId, e.issue_id AS issueId, e.codec, e.payload'

export interface TextRow {
  row: number
  eventId: Uint8Array
  projectId: number
  issueId: number
  codec: number
  payload: Uint8Array
}

/** Reads stored events for the writer. What is shared is read once: it is made for one transaction. */
export class StoredTexts {
  readonly #findDictionary: StatementSync
  readonly #findFrames: StatementSync
  readonly #dictionaries = new Map<number, Uint8Array>()
  readonly #frames = new Map<number, StackFrame[]>()

  constructor(database: DatabaseSync) {
    this.#findDictionary = database.prepare('SELECT dictionary FROM dictionaries WHERE issue_id = ?')
    this.#findFrames = database.prepare('SELECT frames FROM stacks WHERE id = ?')
  }

  textOf({ issueId, codec, payload }: TextRow): Buffer {
    return decompress(codec, payload, this.#dictionaryOf(issueId))
  }

  eventOf({ eventId }: TextRow, text: Uint8Array): ErrorEvent {
    const framesOf = (stackId: number) => this.#framesOf(stackId)
    return readPayloadText(text, { eventId: idDigits(eventId), framesOf }).event
  }

  #dictionaryOf(issueId: number): Uint8Array {
    const known = this.#dictionaries.get(issueId)
    if (known !== undefined) return known
    const stored = this.#findDictionary.get(issueId)
    if (stored === undefined) throw new Error(`Issue ${issueId} has events but is not stored.`)
    const dictionary = decodeDictionary(stored.dictionary as Uint8Array)
    this.#dictionaries.set(issueId, dictionary)
    return dictionary
  }

  #framesOf(stackId: number): StackFrame[] {
    const known = this.#frames.get(stackId)
    if (known !== undefined) return known
    const stored = this.#findFrames.get(stackId)
    const frames = stored === undefined ? [] : decodeFrames(stored.frames as Uint8Array)
    this.#frames.set(stackId, frames)
    return frames
  }
}
