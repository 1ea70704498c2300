import type { StackFrame } from '@faultline/protocol'
import type { StoredEvent } from '../../store.js'
import { decodeDictionary, decodeFrames, decodePayload, type Payload } from '../payload-codec.js'
import type { Database } from './database.js'

/** The columns of `events` that an event is read from. */
export const EVENT_COLUMNS =
  'id AS row, event_id AS eventId, issue_id AS issueId, received_at AS receivedAt, codec, payload'

export interface EventRow {
  row: number
  eventId: Uint8Array
  issueId: number
  receivedAt: number
  codec: number
  payload: Uint8Array
}

interface IssueOfEvent {
  projectId: number
  dictionary: Uint8Array
}

/** Puts events together again. Issues and stacks that they share are read once: it is made for one page. */
export class StoredEvents {
  readonly #database: Database
  readonly #issues = new Map<number, IssueOfEvent>()
  readonly #frames = new Map<number, StackFrame[]>()

  constructor(database: Database) {
    this.#database = database
  }

  /** The event without its attachments and feedback. */
  decode({ eventId, issueId, codec, payload }: EventRow): Payload {
    return decodePayload(codec, payload, {
      dictionary: this.#issueOf(issueId).dictionary,
      eventId: Buffer.from(eventId).toString('hex'),
      framesOf: (stackId) => this.#framesOf(stackId),
    })
  }

  read(row: EventRow, { event, scrubbed } = this.decode(row)): StoredEvent {
    const { eventId, issueId, receivedAt } = row
    const { projectId } = this.#issueOf(issueId)
    const attachments = this.#database.all<StoredEvent['attachments'][number]>(
      `SELECT name, content_type AS contentType, length(bytes) AS sizeBytes FROM attachments
       WHERE event_id = ? AND project_id = ? ORDER BY id`,
      eventId,
      projectId,
    )
    const feedback = this.#database.all<StoredEvent['feedback'][number]>(
      'SELECT name, email, comments, at FROM feedback WHERE event_id = ? AND project_id = ? ORDER BY id',
      eventId,
      projectId,
    )
    return { event, issueId, projectId, receivedAt, scrubbed, attachments, feedback }
  }

  #issueOf(id: number): IssueOfEvent {
    const read = this.#issues.get(id)
    if (read !== undefined) return read
    const issue = this.#database.get<IssueOfEvent>(
      `SELECT i.project_id AS projectId, d.dictionary
       FROM issues i JOIN dictionaries d ON d.issue_id = i.id WHERE i.id = ?`,
      id,
    )
    if (issue === undefined) throw new Error(`Issue ${id} has events but is not stored.`)
    const known = { ...issue, dictionary: decodeDictionary(issue.dictionary) }
    this.#issues.set(id, known)
    return known
  }

  #framesOf(id: number): StackFrame[] {
    const known = this.#frames.get(id)
    if (known !== undefined) return known
    const stack = this.#database.get<{ frames: Uint8Array }>('SELECT frames FROM stacks WHERE id = ?', id)
    const frames = stack === undefined ? [] : decodeFrames(stack.frames)
    this.#frames.set(id, frames)
    return frames
  }
}
