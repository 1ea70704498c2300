import { SEVERITIES } from '@faultline/protocol'
import { compareReleases } from './compare-releases.js'
import type { IssueStatus, Level, Severity } from './store.js'

/** What changes about an issue when its events come in. Times are milliseconds since 1970. */
export interface IssueState {
  status: IssueStatus
  severity: Severity
  /** A person has set it. */
  isSeverityFixed: boolean
  eventCount: number
  firstSeenAt: number
  lastSeenAt: number
  resolvedAt: number | null
  resolvedInRelease: string | null
  regressedAt: number | null
  /** Of a muted issue: an event from then on opens it again. */
  mutedUntil: number | null
  firstRelease: string | null
  lastRelease: string | null
  // Of the event that was seen last:
  level: Level
  service: string
  environment: string
  /** 32 hexadecimal digits. */
  lastEventId: string
}

/** One event, as its issue sees it. */
export interface Sighting {
  eventId: string
  /** See `seenAt`. */
  at: number
  severity: Severity
  level: Level
  service: string
  environment: string
  release: string | undefined
}

/** When a release of the issue's project was heard of for the first time. */
export type ReleaseFirstSeen = (release: string) => number | undefined

const OLDEST_MS = 30 * 86_400_000

/**
 * When an event is taken to have occurred: when its client says, unless that is in the future or more than 30 days ago. Such a clock
 * is wrong, and the moment of receipt the better guess.
 */
export function seenAt(occurredAt: string, receivedAt: number): number {
  const at = Date.parse(occurredAt)
  return at <= receivedAt && at > receivedAt - OLDEST_MS ? at : receivedAt
}

/** The state of an issue that begins with this event; it has not been counted yet. */
export function newIssueState(first: Sighting): IssueState {
  return {
    status: 'unresolved',
    severity: first.severity,
    isSeverityFixed: false,
    eventCount: 0,
    firstSeenAt: first.at,
    lastSeenAt: first.at,
    resolvedAt: null,
    resolvedInRelease: null,
    regressedAt: null,
    mutedUntil: null,
    firstRelease: first.release ?? null,
    lastRelease: first.release ?? null,
    level: first.level,
    service: first.service,
    environment: first.environment,
    lastEventId: first.eventId,
  }
}

/** The state after one more event. */
export function afterEvent(state: IssueState, seen: Sighting, firstSeen: ReleaseFirstSeen): IssueState {
  const next = { ...state, eventCount: state.eventCount + 1 }
  if (isRegression(state, seen, firstSeen)) reopen(next, seen)
  else raiseSeverity(next, seen.severity)
  if (isMuteOver(state, seen)) unmute(next)
  if (seen.at < next.firstSeenAt) {
    next.firstSeenAt = seen.at
    next.firstRelease = seen.release ?? next.firstRelease
  }
  if (seen.at >= next.lastSeenAt) becomeLast(next, seen)
  return next
}

/** The state after repeats: they only count, and say that the issue still goes on. */
export function afterRepeats(state: IssueState, count: number, until: number): IssueState {
  return {
    ...state,
    eventCount: state.eventCount + count,
    lastSeenAt: Math.max(state.lastSeenAt, until),
  }
}

/** Is this an error that was thought to be fixed? A muted issue has none: it stays muted. */
export function isRegression(state: IssueState, seen: Sighting, firstSeen: ReleaseFirstSeen): boolean {
  if (state.status !== 'resolved') return false
  if (state.resolvedAt !== null && seen.at < state.resolvedAt) return false
  return !isOlderThanFix(state, seen.release, firstSeen)
}

function isMuteOver({ status, mutedUntil }: IssueState, { at }: Sighting): boolean {
  return status === 'muted' && mutedUntil !== null && at >= mutedUntil
}

function unmute(next: IssueState): void {
  next.status = 'unresolved'
  next.mutedUntil = null
}

function isOlderThanFix(
  state: IssueState,
  release: string | undefined,
  firstSeen: ReleaseFirstSeen,
): boolean {
  const fixedIn = state.resolvedInRelease
  if (fixedIn === null || release === undefined) return false
  const order = compareReleases(release, fixedIn)
  if (order !== undefined) return order < 0
  const releaseSeenAt = firstSeen(release)
  if (releaseSeenAt === undefined) return false
  // A fix may be announced before it is deployed: then all that ran at that time is older.
  const fixSeenAt = firstSeen(fixedIn) ?? state.resolvedAt
  return fixSeenAt !== null && releaseSeenAt < fixSeenAt
}

function reopen(next: IssueState, seen: Sighting): void {
  next.status = 'unresolved'
  next.regressedAt = seen.at
  next.resolvedAt = null
  next.resolvedInRelease = null
  if (!next.isSeverityFixed) next.severity = seen.severity
}

/** The worst since the issue was opened: one that was critical this morning does not slip down the list by itself. */
function raiseSeverity(next: IssueState, severity: Severity): void {
  if (next.isSeverityFixed) return
  if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(next.severity)) next.severity = severity
}

function becomeLast(next: IssueState, seen: Sighting): void {
  next.lastSeenAt = seen.at
  next.lastEventId = seen.eventId
  next.lastRelease = seen.release ?? next.lastRelease
  next.level = seen.level
  next.service = seen.service
  next.environment = seen.environment
}
