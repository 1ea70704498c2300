import type { Batch, ErrorEvent } from '@faultline/protocol'
import type { IntakeProtocol } from '../queue/queue.js'
import type { SearchQuery } from './search/search-query.js'

export type Level = ErrorEvent['level']
export type Severity = NonNullable<ErrorEvent['severity']>
export type IssueStatus = 'unresolved' | 'resolved' | 'muted'
export type Role = 'admin' | 'member' | 'viewer'

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

// ── What digest hands over ──────────────────────────────────────────────────────────────────────────────────────────

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

/** The writing side. There is one in a process, in the digest worker; the command line opens another for a moment. */
export interface StoreWriter {
  /**
   * One transaction: events, issues, counters, outcomes, dead letters, and the position up to which the queue is digested.
   * Everything or nothing. Events whose id is stored already are `duplicate`. One body is asked for after the other.
   */
  save(bodies: Iterable<DigestedBody>): SaveResult
  /** Does what `save` does with one body, and undoes it all: throws what `save` would throw. So digest finds the event that spoils a body. */
  rehearse(body: DigestedBody): void
  /** The position that the last save has committed; 0 before the first. */
  position(): number
  /** Bodies that dead letters are in. */
  keptPositions(): number[]
  deadLetter(id: number): DeadLetter | undefined
  /**
   * Takes a dead letter away and stores what has become of it now; its outcome `failed` becomes the new one.
   * @returns as `save`; `keep` still has its position if the body has another dead letter
   */
  replayed(id: number, body: DigestedBody): SaveResult
  /** @returns the position of its body if that is needed no more */
  deleteDeadLetter(id: number): { found: boolean; released?: number }
  /** @throws StoreConflict when the id, the key or the slug is taken. Without them, the next free ones. */
  createProject(project: { name: string; id?: number; publicKey?: string }, now: number): Project
  createKey(projectId: number, publicKey: string | undefined, now: number): IngestKey
  revokeKey(publicKey: string, now: number): boolean
  /** @param hash SHA-256 of the token */
  createToken(token: { name: string; role: Role; hash: Uint8Array }, now: number): ApiToken
  revokeToken(id: number, now: number): boolean
  updateIssue(issueId: number, change: IssueEdit, now: number): boolean
  /** One short transaction: at most so many of the oldest events, and what nothing points to any more. */
  forgetOldest(limit: OldestLimit): Forgotten
  /** Of the file, without what is free in it. */
  usedBytes(): number
  /** All events of a user with what they left behind: a short transaction before each `yield`. What arrives meanwhile may stay. */
  eraseUser(user: ErasedUser, describe: Describe): Generator<void, Erased>
  close(): void
}

/** What a person decides about an issue. */
export interface IssueEdit {
  status?: IssueStatus
  /** With `resolved`: the release that has the fix; events of older releases are no regression. */
  resolvedInRelease?: string
  /** Sticks: digest never changes it again. */
  severity?: Severity
}

/** What is deleted of the oldest. */
export interface OldestLimit {
  /** Received before that, in milliseconds since 1970. Default: whenever. */
  before?: number
  events: number
}

/** How much was deleted. */
export interface Forgotten {
  events: number
  issues: number
  stacks: number
  /** Whether it is worth to go on. */
  isMore: boolean
}

/** Whose events have this `user.id`, or this `user.email`. */
export interface ErasedUser {
  userId?: string
  email?: string
  /** Default: all. */
  projectIds?: readonly number[]
}

/** How much was deleted; `issues`: how many lost events, or were made of one. */
export interface Erased {
  events: number
  attachments: number
  feedback: number
  issues: number
}

/** What an event is called in a list, as digest says it. */
export type Describe = (event: ErrorEvent) => Pick<PreparedEvent, 'title' | 'type' | 'message' | 'culprit'>

/** A name, an id or a key is taken already. */
export class StoreConflict extends Error {
  override name = 'StoreConflict'
}

// ── What can be read ────────────────────────────────────────────────────────────────────────────────────────────────
// Times are milliseconds since 1970; the API writes them as RFC 3339.

export interface IngestKey {
  publicKey: string
  projectId: number
  createdAt: number
  revokedAt: number | null
}

export interface Project {
  id: number
  name: string
  slug: string
  createdAt: number
  keys: IngestKey[]
}

export interface ApiToken {
  id: number
  name: string
  role: Role
  createdAt: number
  revokedAt: number | null
}

export interface IssueSummary {
  id: number
  /** `SHOP-12` */
  shortId: string
  projectId: number
  title: string
  type: string
  message: string
  culprit: string
  status: IssueStatus
  severity: Severity
  level: Level
  count: number
  /** Exact up to 1 000. */
  users: number
  firstSeenAt: number
  lastSeenAt: number
  assignee: string | null
  /** Of the last event. */
  service: string
  release: string | null
}

export interface IssueDetail extends IssueSummary {
  fingerprint: { version: number; values: string[] }
  /** Events by hour, of the last 24 hours that begin at `since`, oldest first. */
  trend: { at: number; count: number }[]
  /** The most frequent values of each: environment, release, service, and tags as `tag.region`. */
  tags: Record<string, { value: string; count: number }[]>
  firstRelease: string | null
  lastRelease: string | null
  lastEventId: string
}

export interface StoredEvent {
  event: ErrorEvent
  issueId: number
  projectId: number
  receivedAt: number
  scrubbed: string[]
  attachments: { name: string; contentType: string; sizeBytes: number }[]
  feedback: Omit<Feedback, 'eventId'>[]
}

export interface DeadLetter extends NewDeadLetter {
  id: number
  projectId: number
  position: number
  protocol: IntakeProtocol
  receivedAt: number
}

export interface Page<Item> {
  items: Item[]
  /** Opaque; null behind the last. */
  nextCursor: string | null
}

export interface PageRequest {
  /** 1 to 200. */
  limit: number
  cursor?: string
}

export const ISSUE_SORTS = ['lastSeen', 'firstSeen', 'events', 'users'] as const
export type IssueSort = (typeof ISSUE_SORTS)[number]

export interface IssueFilter extends PageRequest {
  projectId?: number
  query?: SearchQuery
  status: IssueStatus | 'all'
  severity?: Severity
  environment?: string
  release?: string
  service?: string
  /** Seen in this time. */
  since?: number
  until?: number
  sort: IssueSort
  /** What relative times in the query count from. */
  now: number
}

export const SERIES_KEYS = ['severity', 'service', 'environment', 'requests'] as const
export type SeriesKey = (typeof SERIES_KEYS)[number]

export interface SeriesRequest {
  projectId?: number
  issueId?: number
  /** `requests`: what RequestCounts have counted, by status class. Default: one sum, `count`. */
  by?: SeriesKey
  /** Seconds: 60 (with an issue, or by requests) or a multiple of 3600. */
  stepSeconds: number
  since: number
  until: number
}

export interface Series {
  stepSeconds: number
  /** One for every step, empty ones too. */
  points: { at: number; counts: Record<string, number> }[]
}

/** The reading side, in a worker of its own; every method is one consistent read. */
export interface StoreReader {
  position(): number
  keys(): IngestKey[]
  findToken(hash: Uint8Array): ApiToken | undefined
  tokens(): ApiToken[]
  projects(): Project[]
  issues(filter: IssueFilter): Page<IssueSummary>
  issue(id: number, now: number): IssueDetail | undefined
  eventsOf(issueId: number, page: PageRequest): Page<StoredEvent> | undefined
  /** By id in any spelling of a UUID, or by a problem instance. */
  event(idOrInstance: string): StoredEvent | undefined
  searchEvents(query: SearchQuery, page: PageRequest & { now: number; projectId?: number }): Page<StoredEvent>
  series(request: SeriesRequest): Series
  outcomes(filter: { projectId?: number; since?: number; until?: number }): OutcomeCount[]
  /** What clients gave up themselves, by reason. */
  dropped(filter: { projectId?: number; since?: number; until?: number }): { reason: string; count: number }[]
  deadLetters(page: PageRequest & { projectId?: number }): Page<DeadLetter>
  deadLetter(id: number): DeadLetter | undefined
  /** How many events they stand for. */
  countDeadLetters(): number
  close(): void
}

/** The same methods, answered by another thread. */
export type Remote<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...parameters: infer Parameters) => infer Result
    ? (...parameters: Parameters) => Promise<Awaited<Result>>
    : never
}

/** What is wrong with a cursor, a step or a query: the asker's fault, said in a sentence. */
export class BadRequestToStore extends Error {
  override name = 'BadRequestToStore'
}
