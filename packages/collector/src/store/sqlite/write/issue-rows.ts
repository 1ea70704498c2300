import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { IssueState } from '../../issue-state.js'
import type { IssueStatus, Level, PreparedEvent, Severity } from '../../store.js'
import { decodeDictionary, encodeDictionary } from '../payload-codec.js'
import { idBytes, idDigits } from './event-ids.js'
import { ADD, MOST_COUNTED } from './tally.js'

type Row = Record<string, SQLOutputValue>

export interface NewIssue {
  projectId: number
  number: number
  prepared: PreparedEvent
  state: IssueState
  dictionary: Uint8Array
  words: string
}

export interface IssueRow {
  id: number
  projectId: number
  state: IssueState
  userCount: number
  dictionary: Uint8Array
  words: string
  facetCounts: number[]
}

/** What changes about it. */
export interface IssueUpdate {
  state: IssueState
  userCount: number
  facetCounts: readonly number[]
}

/** The rows of issues, and of what belongs to exactly one of them. */
export class IssueRows {
  readonly #insert: StatementSync
  readonly #insertDictionary: StatementSync
  readonly #insertFingerprint: StatementSync
  readonly #insertWords: StatementSync
  readonly #find: StatementSync
  readonly #findFingerprint: StatementSync
  readonly #update: StatementSync
  readonly #addToMinute: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO issues (project_id, number, title, type, message, culprit, status, severity, level, event_count, user_count,
        first_seen_at, last_seen_at, service, environment, first_release, last_release, last_event_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#insertDictionary = database.prepare('INSERT INTO dictionaries VALUES (?, ?, ?)')
    this.#insertFingerprint = database.prepare('INSERT INTO fingerprints VALUES (?, ?, ?, ?, ?)')
    this.#insertWords = database.prepare('INSERT INTO issue_words (rowid, words) VALUES (?, ?)')
    this.#find = database.prepare(
      'SELECT * FROM issues JOIN dictionaries ON issue_id = issues.id WHERE issues.id = ?',
    )
    this.#findFingerprint = database.prepare(
      'SELECT issue_id FROM fingerprints WHERE project_id = ? AND hash = ?',
    )
    this.#update = database.prepare(
      `UPDATE issues SET status = ?, severity = ?, event_count = min(?, ${MOST_COUNTED}), user_count = ?, first_seen_at = ?, last_seen_at = ?,
        resolved_at = ?, resolved_in_release = ?, regressed_at = ?, muted_until = ?, first_release = ?, last_release = ?, level = ?, service = ?,
        environment = ?, last_event_id = ?, facet_counts = ? WHERE id = ?`,
    )
    this.#addToMinute = database.prepare(`INSERT INTO issue_minutes VALUES (?, ?, ?) ${ADD}`)
  }

  insert({ projectId, number, prepared, state, dictionary, words }: NewIssue): number {
    const { title, type, message, culprit, fingerprint } = prepared
    const { status, severity, level, firstSeenAt, lastSeenAt, service, environment } = state
    const { lastInsertRowid } = this.#insert.run(
      ...[projectId, number, title, type, message, culprit, status, severity, level, firstSeenAt, lastSeenAt],
      ...[service, environment, state.firstRelease, state.lastRelease, idBytes(state.lastEventId)],
    )
    const id = Number(lastInsertRowid)
    this.#insertDictionary.run(id, encodeDictionary(dictionary), words)
    this.#insertWords.run(id, words)
    const { hash, version, values } = fingerprint
    this.#insertFingerprint.run(projectId, Buffer.from(hash, 'hex'), id, version, JSON.stringify(values))
    return id
  }

  find(id: number): IssueRow | undefined {
    const row = this.#find.get(id)
    if (row === undefined) return undefined
    return {
      id,
      projectId: Number(row.project_id),
      state: readState(row),
      userCount: Number(row.user_count),
      dictionary: decodeDictionary(row.dictionary as Uint8Array),
      words: String(row.words),
      facetCounts: JSON.parse(String(row.facet_counts)),
    }
  }

  findByFingerprint(projectId: number, hash: string): number | undefined {
    const row = this.#findFingerprint.get(projectId, Buffer.from(hash, 'hex'))
    return row && Number(row.issue_id)
  }

  update(id: number, { state, userCount, facetCounts }: IssueUpdate): void {
    const { status, severity, eventCount, firstSeenAt, lastSeenAt, resolvedAt, resolvedInRelease } = state
    this.#update.run(
      ...[status, severity, eventCount, userCount, firstSeenAt, lastSeenAt, resolvedAt, resolvedInRelease],
      ...[state.regressedAt, state.mutedUntil, state.firstRelease, state.lastRelease, state.level],
      ...[state.service, state.environment, idBytes(state.lastEventId), JSON.stringify(facetCounts), id],
    )
  }

  addToMinutes(id: number, minutes: ReadonlyMap<number, number>): void {
    for (const [minute, count] of minutes) this.#addToMinute.run(id, minute, count)
  }
}

function readState(row: Row): IssueState {
  return {
    status: row.status as IssueStatus,
    severity: row.severity as Severity,
    isSeverityFixed: row.is_severity_fixed === 1,
    eventCount: Number(row.event_count),
    firstSeenAt: Number(row.first_seen_at),
    lastSeenAt: Number(row.last_seen_at),
    resolvedAt: row.resolved_at as number | null,
    resolvedInRelease: row.resolved_in_release as string | null,
    regressedAt: row.regressed_at as number | null,
    mutedUntil: row.muted_until as number | null,
    firstRelease: row.first_release as string | null,
    lastRelease: row.last_release as string | null,
    level: row.level as Level,
    service: String(row.service),
    environment: String(row.environment),
    lastEventId: idDigits(row.last_event_id as Uint8Array),
  }
}
