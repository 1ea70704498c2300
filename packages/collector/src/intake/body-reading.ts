/** What intake has to know of a body before it can take it. */
export interface BodyReading {
  /** How many outcomes will come of it. */
  eventCount: number
  /** Of those, the errors: what the rate limit is of. */
  errorCount: number
  /** Nothing would ever come of it: it need not be kept. */
  isEmpty?: boolean
  /** 32 hexadecimal digits, for an event that brings no id. */
  eventId?: string
  /** Of a batch: where the events stand that are wrong. */
  rejected?: number[]
  /** The DSN in an envelope's header. */
  dsn?: unknown
  status: 200 | 202
  /** JSON. */
  answer: string
}

export interface ReadingTools {
  /** Bytes of a body, unpacked. */
  limitBytes: number
  newId(): string
}

/** @throws BodyMistaken, BodyTooLarge */
export type ReadBody = (bytes: Buffer, tools: ReadingTools) => BodyReading
