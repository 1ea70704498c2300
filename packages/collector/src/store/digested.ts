import type { Batch, ErrorEvent } from '@faultline/protocol'
import type { IntakeProtocol } from '../queue/queue.js'

// What digest hands over, and what the store says of it.

export type Level = ErrorEvent['level']
export type Severity = NonNullable<ErrorEvent['severity']>

/** What became of a received event: exactly one each. */
export const OUTCOMES = [
  'stored',
  'counted',
  'duplicate',
  'filtered',
  'rate_limited',
  'invalid',
  'failed',
] as const
export type Outcome = (typeof OUTCOMES)[number]

/** Which events belong together. The hash is of version and values; the values say why. */
export interface Fingerprint {
  version: number
  /** 32 hexadecimal digits. */
  hash: string
  values: string[]
}

/** An event that is ready to be stored: normalised, scrubbed, fingerprinted and graded. */
export interface PreparedEvent {
  event: ErrorEvent
  protocol: IntakeProtocol
  /** Paths of what was filtered. */
  scrubbed: string[]
  fingerprint: Fingerprint
  severity: Severity
  /** `TypeError: Cannot read …`, or the message. */
  title: string
  /** Class of what was thrown; empty for a message. */
  type: string
  /** Message of what was thrown. */
  message: string
  /** Where: the function and file of the innermost in-app frame, else the route. */
  culprit: string
}

/** One or more equal outcomes. */
export interface OutcomeCount {
  projectId: number
  outcome: Outcome
  /** Empty, or a word that says more: `session`, `repeat`, `too_large`. */
  reason: string
  protocol: IntakeProtocol
  count: number
}

/** An event that digest could not process: its body stays in the queue. */
export interface NewDeadLetter {
  /** Which event of the body, counted from 0; -1 for the body as a whole. */
  index: number
  /** A word: `normalise`, `scrub`, `store`, … */
  stage: string
  /** The error, without any of the event's own data. */
  reason: string
  /** How many outcomes it stands for: 1, or all of its body. */
  count: number
}

export interface Attachment {
  /** 32 hexadecimal digits. */
  eventId: string
  name: string
  contentType: string
  bytes: Uint8Array
}

/** What somebody wrote about an event. */
export interface Feedback {
  eventId: string
  name: string
  email: string
  comments: string
  at: string
}

/** One body of the queue, digested. */
export interface DigestedBody {
  /** In the queue. */
  position: number
  projectId: number
  protocol: IntakeProtocol
  /** Milliseconds since 1970. */
  receivedAt: number
  events: PreparedEvent[]
  /** Id of a native batch: repeats, requests and drops of one that was seen before are `duplicate`, and add nothing. */
  batchId?: string
  repeats: NonNullable<Batch['repeats']>
  requests: NonNullable<Batch['requests']>
  /** What the client says that it gave up. */
  dropped: NonNullable<Batch['dropped']>
  /** Of what never gets to the store: invalid, filtered, rate_limited. `stored`, `duplicate`, `counted` and `failed` are the store's to count. */
  outcomes: OutcomeCount[]
  dead: NewDeadLetter[]
  attachments: Attachment[]
  feedback: Feedback[]
}

/** What a save did, for what comes after it: alerts, live views. */
export interface IssueChange {
  issueId: number
  projectId: number
  isNew: boolean
  isRegression: boolean
  events: number
  /** The last of the stored events: 32 hexadecimal digits. */
  lastEventId: string
}

export interface SaveResult {
  changes: IssueChange[]
  outcomes: OutcomeCount[]
  /** Positions of bodies that have to be kept, for the dead letters of this save. */
  keep: number[]
}
