/** By which way something came in: a label of outcomes. */
export type IntakeProtocol = 'faultline' | 'sentry' | 'internal'

/**
 * How the bytes of a body are to be read. `batch`: our own, JSON. `envelope`, `store`, `security`: Sentry's.
 * `tally`: outcomes that intake has given itself, a JSON list of `OutcomeCount`.
 */
export type BodyFormat = 'batch' | 'envelope' | 'store' | 'security' | 'tally'

export type Encoding = 'identity' | 'gzip' | 'deflate' | 'br' | 'zstd'

/** What only the request knew. */
export interface BodyMeta {
  /** The client's address, for events that ask for it with `{{auto}}`. */
  ip?: string
  userAgent?: string
  /** 32 hexadecimal digits: the id that intake has answered, where the event brought none. */
  eventId?: string
  /** Of a batch: where the events stand that intake has told to be wrong. Without it, nobody has looked. */
  rejected?: number[]
}

/** The body of one request as it was received, once intake has found that it can be taken. */
export interface NewBody {
  projectId: number
  format: BodyFormat
  encoding: Encoding
  /** How many outcomes will come of it: events, repeats and filtered items. */
  eventCount: number
  /** Milliseconds since 1970. */
  receivedAt: number
  meta: BodyMeta
  bytes: Uint8Array
}

export interface QueuedBody extends NewBody {
  /** Counts from 1, without end: the order in which bodies became durable. */
  position: number
}

export interface QueueLength {
  /** Not digested yet. */
  bodies: number
  events: number
  bytes: number
}

/** Intake's side: the only writer. */
export interface Queue {
  /**
   * Resolves with its position once the body cannot be lost any more, whatever is killed.
   * @throws QueueFull where there is no room, in the limit or on the disk: nothing of it is kept then.
   */
  append(body: NewBody): Promise<number>
  /** What is not digested yet. */
  length(): QueueLength
  /** Events ever appended, by project: one half of `received = Σ outcomes + pending`. */
  received(): Map<number, number>
  /**
   * Forgets what has been digested, but for the bodies that dead letters are in.
   * @param upTo the position that the store has committed
   * @param keep positions of bodies that a dead letter needs: the first time all of them, then those that have come to it
   */
  trim(upTo: number, keep: readonly number[]): void
  /** Forgets a kept body, once its last dead letter is replayed or deleted. */
  release(position: number): void
  close(): Promise<void>
}

/** Digest's side, of the same queue in another thread. */
export interface QueueReader {
  /** The next bodies behind a position, in order: at least one if there is one, else as many as fit into both limits. */
  take(after: number, limits: { bodies: number; bytes: number }): QueuedBody[]
  /** A kept body. */
  get(position: number): QueuedBody | undefined
  close(): void
}

/** There is no room for a body: its sender has to come back. */
export class QueueFull extends Error {
  override name = 'QueueFull'
  /** `limit`: the queue is as long as it may be. `disk`: nothing can be written. */
  readonly reason: 'limit' | 'disk'
  constructor(reason: 'limit' | 'disk', options?: ErrorOptions) {
    super(reason === 'limit' ? 'The queue is as long as it may be.' : 'The queue cannot be written.', options)
    this.reason = reason
  }
}
