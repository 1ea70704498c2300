import type { ErrorEvent } from '@faultline/protocol'
import type { IntakeProtocol } from '../queue/queue.js'
import type { AuditEntry, AuditFilter, NewAuditEntry } from './audit-entry.js'
import type {
  DigestedBody,
  Feedback,
  Level,
  NewDeadLetter,
  OutcomeCount,
  PreparedEvent,
  SaveResult,
  Severity,
} from './digested.js'
import type {
  TagDistribution,
  TagValue,
  TagValuesRequest,
  TopIssue,
  TopIssuesRequest,
} from './issue-stats.js'
import type { Caller, UserReads, UserWrites } from './people.js'
import type { SearchQuery } from './search/search-query.js'
import type { ReleaseFilter, SeenRelease, SeenService, ServiceFilter } from './seen.js'
import type { Team, TeamEdit } from './team.js'

export * from './digested.js'

export type IssueStatus = 'unresolved' | 'resolved' | 'muted'
export type Role = 'admin' | 'member' | 'viewer'

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
  /** Its slug stays. @throws UnknownToStore */
  renameProject(id: number, name: string): void
  /** @throws UnknownToStore, StoreConflict */
  createKey(projectId: number, publicKey: string | undefined, now: number): IngestKey
  revokeKey(publicKey: string, now: number): boolean
  /** @throws BadRequestToStore, UnknownToStore, StoreConflict */
  createToken(token: NewToken, now: number): ApiToken
  revokeToken(id: number, now: number): boolean
  /** @throws StoreConflict */
  createTeam(name: string, now: number): Team
  /** @throws UnknownToStore, StoreConflict */
  updateTeam(id: number, edit: TeamEdit): void
  deleteTeam(id: number): boolean
  audit(entry: NewAuditEntry, now: number): void
  users: UserWrites
  updateIssue(issueId: number, change: IssueEdit, now: number): boolean
  /** One short transaction: at most so many of the oldest events, and what nothing points to any more. */
  forgetOldest(limit: OldestLimit): Forgotten
  /** Of the file, without what is free in it. */
  usedBytes(): number
  /** All events of a user with what they left behind: a short transaction before each `yield`. What arrives meanwhile may stay. */
  eraseUser(user: ErasedUser, describe: Describe): Generator<void, Erased>
  close(): void
}

/** Who may send, read and change; and who has changed what. */
export type Administration = Pick<
  StoreWriter,
  | 'createProject'
  | 'renameProject'
  | 'createKey'
  | 'revokeKey'
  | 'createToken'
  | 'revokeToken'
  | 'createTeam'
  | 'updateTeam'
  | 'deleteTeam'
  | 'updateIssue'
  | 'audit'
>

/** What a person decides about an issue. */
export interface IssueEdit {
  status?: IssueStatus
  /** With `resolved`: the release that has the fix; events of older releases are no regression. */
  resolvedInRelease?: string
  /** With `muted`: an event that occurs from then on opens the issue again. Without it, none does. */
  mutedUntil?: number
  /** Sticks: digest never changes it again. */
  severity?: Severity
  /** Null: nobody. */
  assignee?: string | null
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

/** What is to be changed, or named with it, is not there. */
export class UnknownToStore extends Error {
  override name = 'UnknownToStore'
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

export interface NewToken {
  name: string
  role: Role
  /** SHA-256 of the token. */
  hash: Uint8Array
  /** What it may see; without it, every project. Not of an admin. */
  projectIds?: readonly number[]
}

export interface ApiToken {
  id: number
  name: string
  role: Role
  /** What it may see; without it, every project. */
  projectIds?: readonly number[]
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
  resolvedAt: number | null
  /** The release that has the fix. */
  resolvedInRelease: string | null
  mutedUntil: number | null
  regressedAt: number | null
  firstRelease: string | null
  lastRelease: string | null
  lastEventId: string
}

/** What live listeners are told of. */
export type ChangedIssue = IssueSummary & Pick<IssueDetail, 'lastEventId'>

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

/** Of these projects; without it, of all. */
export interface ProjectScope {
  projectIds?: readonly number[]
}

export interface IssueFilter extends PageRequest, ProjectScope {
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

export interface SeriesRequest extends ProjectScope {
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
export interface StoreReader extends UserReads {
  position(): number
  keys(): IngestKey[]
  /** Whose token it is, unless it has been revoked. */
  findToken(hash: Uint8Array): Caller | undefined
  tokens(): ApiToken[]
  teams(): Team[]
  /** The last entry first. */
  auditLog(filter: AuditFilter): Page<AuditEntry>
  projects(): Project[]
  issues(filter: IssueFilter): Page<IssueSummary>
  issue(id: number, now: number): IssueDetail | undefined
  eventsOf(issueId: number, page: PageRequest & ProjectScope): Page<StoredEvent> | undefined
  /** Those that are still there, the last seen first. */
  changedIssues(ids: readonly number[]): ChangedIssue[]
  /** `undefined` when there is no such issue. */
  tagsOf(issueId: number, scope: ProjectScope): TagDistribution[] | undefined
  tagValues(issueId: number, request: TagValuesRequest): Page<TagValue> | undefined
  /** By their events in a period, the most first. @throws BadRequestToStore */
  topIssues(request: TopIssuesRequest): TopIssue[]
  /** By id in any spelling of a UUID, or by a problem instance. */
  event(idOrInstance: string, scope?: ProjectScope): StoredEvent | undefined
  searchEvents(query: SearchQuery, page: PageRequest & ProjectScope & { now: number }): Page<StoredEvent>
  series(request: SeriesRequest): Series
  outcomes(filter: ProjectScope & { since?: number; until?: number }): OutcomeCount[]
  /** What clients gave up themselves, by reason. */
  dropped(filter: ProjectScope & { since?: number; until?: number }): { reason: string; count: number }[]
  deadLetters(page: PageRequest & ProjectScope): Page<DeadLetter>
  releases(filter: ReleaseFilter): Page<SeenRelease>
  services(filter: ServiceFilter): Page<SeenService>
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
