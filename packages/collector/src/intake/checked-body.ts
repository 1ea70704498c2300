/** What intake has to know of a body before it can take it. */
export interface CheckedBody {
  /** How many outcomes will come of it. */
  eventCount: number
  /** What the rate limit is charged with. */
  charge: number
  /** It holds what is never refused, and nothing else. */
  isExempt?: boolean
  /** Nothing would ever come of it: it need not be kept. */
  isEmpty?: boolean
  /** 32 hexadecimal digits, for an event that brings no id. */
  eventId?: string
  /** Of a batch: where the events stand that are wrong. */
  rejected?: number[]
  status: 200 | 202
  /** JSON. */
  answer: string
}

export interface CheckingTools {
  /** Bytes of a body, unpacked. */
  limitBytes: number
  newId(): string
}

/** @throws BodyMistaken, BodyTooLarge */
export type CheckBody = (bytes: Buffer, tools: CheckingTools) => CheckedBody
