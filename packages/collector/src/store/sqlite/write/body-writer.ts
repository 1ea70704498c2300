import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { afterEvent, afterRepeats, newIssueState, type Sighting, seenAt } from '../../issue-state.js'
import type { DigestedBody, IssueChange, OutcomeCount, PreparedEvent } from '../../store.js'
import { dictionaryOf, payloadText } from '../payload-codec.js'
import { issueWords } from '../words.js'
import { DeadLetters } from './dead-letters.js'
import { idBytes, idDigits } from './event-ids.js'
import { EventRows } from './event-rows.js'
import type { Issue } from './issue.js'
import { countFacets } from './issue-facets.js'
import { userHash } from './issue-users.js'
import { Issues } from './issues.js'
import type { Changed } from './oldest.js'
import type { Projects } from './projects.js'
import { Releases } from './releases.js'
import { Batches, Waiting, type WaitingRepeats } from './repeats.js'
import { hourOf, minuteOf, RollUps } from './roll-ups.js'
import { Stacks } from './stacks.js'

/** Writes digested bodies inside of a transaction; what is a sum is kept in memory until `flush`. */
export class BodyWriter {
  readonly rollUps: RollUps
  readonly deadLetters: DeadLetters
  readonly #projects: Projects
  readonly #issues: Issues
  readonly #events: EventRows
  readonly #stacks: Stacks
  readonly #releases: Releases
  readonly #batches: Batches
  readonly #waiting: Waiting
  readonly #insertAttachment: StatementSync
  readonly #insertFeedback: StatementSync
  #prunedHour = 0

  constructor(database: DatabaseSync, projects: Projects) {
    this.#projects = projects
    this.rollUps = new RollUps(database)
    this.deadLetters = new DeadLetters(database)
    this.#issues = new Issues(database)
    this.#events = new EventRows(database)
    this.#stacks = new Stacks(database)
    this.#releases = new Releases(database)
    this.#batches = new Batches(database)
    this.#waiting = new Waiting(database)
    this.#insertAttachment = database.prepare(
      'INSERT INTO attachments (project_id, event_id, name, content_type, bytes) VALUES (?, ?, ?, ?, ?)',
    )
    this.#insertFeedback = database.prepare(
      'INSERT INTO feedback (project_id, event_id, name, email, comments, at) VALUES (?, ?, ?, ?, ?, ?)',
    )
  }

  write(body: DigestedBody): void {
    const stored = new Set<string>()
    const duplicates: string[] = []
    for (const prepared of body.events) {
      const id = idDigits(idBytes(prepared.event.id))
      if (this.#writeEvent(body, prepared)) stored.add(id)
      else duplicates.push(id)
    }
    this.#count(body, 'stored', '', stored.size)
    this.#count(body, 'duplicate', '', duplicates.length)
    this.#writeCounts(body)
    for (const outcome of body.outcomes) this.rollUps.addOutcome(outcome, body.receivedAt)
    for (const dead of body.dead) {
      this.deadLetters.add(body, dead)
      this.#count(body, 'failed', dead.stage, dead.count)
    }
    this.#writeCompanions(body, new Set(duplicates.filter((id) => !stored.has(id))))
    this.#prune(body.receivedAt)
  }

  flush(): { changes: IssueChange[]; outcomes: OutcomeCount[] } {
    this.#releases.flush()
    return { changes: this.#issues.flush(), outcomes: this.rollUps.flush() }
  }

  /** Forgets what it knows by heart: the transaction has failed, or somebody else has written. */
  clear(): void {
    for (const part of [this.rollUps, this.#issues, this.#stacks, this.#releases, this.#waiting]) part.clear()
    this.#events.clear()
  }

  /** Forgets what was deleted or rewritten. */
  forget({ issues, stacks }: Changed): void {
    this.#issues.forget(issues)
    this.#stacks.forget(stacks)
    this.#events.clear()
  }

  /** @returns false when it is stored already */
  #writeEvent(body: DigestedBody, prepared: PreparedEvent): boolean {
    const { projectId, receivedAt } = body
    const { event, fingerprint } = prepared
    const known = this.#issues.findByFingerprint(projectId, fingerprint.hash)
    // A new issue must not come of an event that was stored before, when its fingerprint was another.
    if (known === undefined && this.#events.issueIdOf(projectId, event.id) !== undefined) return false
    const seen = sightingOf(prepared, receivedAt)
    const text = payloadText(prepared, (frames) => this.#stacks.idOf(frames, this.#events.lastRow()))
    const issue = known ?? this.#createIssue(body, prepared, { seen, text })
    if (!this.#events.insert({ prepared, receivedAt, occurredAt: seen.at, issue, text })) return false
    this.#addEvent(issue, prepared, { seen, receivedAt })
    const waiting = this.#waiting.take(projectId, event.id)
    if (waiting !== undefined) this.#addRepeats(issue, waiting)
    return true
  }

  #createIssue(body: DigestedBody, prepared: PreparedEvent, first: { seen: Sighting; text: Uint8Array }) {
    const { projectId, receivedAt } = body
    const number = this.#projects.takeIssueNumber(projectId, receivedAt)
    const state = newIssueState(first.seen)
    const dictionary = dictionaryOf(first.text)
    const words = Array.from(issueWords(prepared)).join(' ')
    return this.#issues.create({ projectId, number, prepared, state, dictionary, words })
  }

  #addEvent(issue: Issue, { event }: PreparedEvent, when: { seen: Sighting; receivedAt: number }): void {
    const { seen, receivedAt } = when
    const { projectId, state } = issue
    const { release } = event
    issue.state = afterEvent(state, seen, (name) => this.#releases.firstSeenAt(projectId, name))
    if (release) this.#releases.see(projectId, release, receivedAt)
    const added = this.#issues.addedTo(issue)
    if (state.status === 'resolved' && issue.state.status === 'unresolved') added.isRegression = true
    added.events++
    added.lastEventId = seen.eventId
    addTo(added.minutes, minuteOf(seen.at), 1)
    const user = userHash(event)
    if (user !== undefined) added.userHashes.add(user)
    countFacets(issue.facets, event, state.eventCount === 0)
    this.rollUps.addEvents({ projectId, ...seen, count: 1 })
  }

  #addRepeats(issue: Issue, { count, until }: WaitingRepeats): void {
    issue.state = afterRepeats(issue.state, count, until)
    addTo(this.#issues.addedTo(issue).minutes, minuteOf(until), count)
    const { service, environment, severity } = issue.state
    this.rollUps.addEvents({ projectId: issue.projectId, at: until, service, environment, severity, count })
  }

  /** What a client has counted itself. */
  #writeCounts(body: DigestedBody): void {
    const { repeats, requests, dropped } = body
    if (repeats.length + requests.length + dropped.length === 0) return
    const repeated = repeats.reduce((sum, { count }) => sum + count, 0)
    const isNew = this.#batches.see(body)
    this.#count(body, isNew ? 'counted' : 'duplicate', 'repeat', repeated)
    if (!isNew) return
    for (const { eventId, count, until } of repeats) {
      const repeat = { count, until: seenAt(until, body.receivedAt) }
      const issueId = this.#events.issueIdOf(body.projectId, eventId)
      const issue = issueId === undefined ? undefined : this.#issues.find(issueId)
      if (issue === undefined) this.#waiting.add(body, eventId, repeat)
      else this.#addRepeats(issue, repeat)
    }
    for (const request of requests) this.rollUps.addRequests(body, request)
    for (const { reason, count } of dropped) this.rollUps.addDropped(body, reason, count)
  }

  /** What comes along with an event; what was sent twice with it is there already. */
  #writeCompanions(
    { projectId, attachments, feedback }: DigestedBody,
    duplicates: ReadonlySet<string>,
  ): void {
    for (const { eventId, name, contentType, bytes } of attachments) {
      if (!duplicates.has(eventId)) {
        this.#insertAttachment.run(projectId, idBytes(eventId), name, contentType, bytes)
      }
    }
    for (const { eventId, name, email, comments, at } of feedback) {
      if (!duplicates.has(eventId)) {
        this.#insertFeedback.run(projectId, idBytes(eventId), name, email, comments, at)
      }
    }
  }

  #count(body: DigestedBody, outcome: OutcomeCount['outcome'], reason: string, count: number): void {
    const { projectId, protocol, receivedAt } = body
    this.rollUps.addOutcome({ projectId, outcome, reason, protocol, count }, receivedAt)
  }

  #prune(now: number): void {
    if (hourOf(now) <= this.#prunedHour) return
    this.#prunedHour = hourOf(now)
    this.#waiting.prune(now)
  }
}

function sightingOf({ event, severity }: PreparedEvent, receivedAt: number): Sighting {
  const { level, service, environment, release } = event
  const eventId = event.id.replaceAll('-', '').toLowerCase()
  return { eventId, at: seenAt(event.occurredAt, receivedAt), severity, level, service, environment, release }
}

function addTo(counts: Map<number, number>, key: number, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count)
}
