import type { IssueDetail } from '../../store.js'
import type { Database } from './database.js'
import { SUMMARY_COLUMNS } from './issue-list.js'
import { readTags } from './issue-tags.js'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const TREND_HOURS = 24
const SHOWN_KEY = /^(environment|release|service|tag\..*)$/s

type Row = Omit<IssueDetail, 'fingerprint' | 'trend' | 'tags'>

/** @param now the end of the trend */
export function readIssue(database: Database, id: number, now: number): IssueDetail | undefined {
  const row = database.get<Row>(
    `SELECT ${SUMMARY_COLUMNS}, i.first_release AS firstRelease, i.last_release AS lastRelease,
       i.resolved_at AS resolvedAt, i.resolved_in_release AS resolvedInRelease, i.muted_until AS mutedUntil, i.regressed_at AS regressedAt,
       lower(hex(i.last_event_id)) AS lastEventId
     FROM issues i JOIN projects p ON p.id = i.project_id WHERE i.id = ?`,
    id,
  )
  if (row === undefined) return undefined
  return {
    ...row,
    fingerprint: fingerprintOf(database, id),
    trend: trendOf(database, id, now),
    tags: tagsOf(database, id),
  }
}

function fingerprintOf(database: Database, issueId: number): IssueDetail['fingerprint'] {
  const row = database.get<{ version: number; json: string }>(
    `SELECT version, fingerprint_values AS json FROM fingerprints WHERE issue_id = ? ORDER BY version DESC LIMIT 1`,
    issueId,
  )
  return { version: row?.version ?? 0, values: row === undefined ? [] : (JSON.parse(row.json) as string[]) }
}

function trendOf(database: Database, issueId: number, now: number): IssueDetail['trend'] {
  const first = Math.floor(now / HOUR_MS) - TREND_HOURS + 1
  const rows = database.all<{ hour: number; count: number }>(
    `SELECT minute / 60 AS hour, total(count) AS count FROM issue_minutes
     WHERE issue_id = ? AND minute >= ? AND minute < ? GROUP BY hour`,
    issueId,
    (first * HOUR_MS) / MINUTE_MS,
    ((first + TREND_HOURS) * HOUR_MS) / MINUTE_MS,
  )
  const counts = new Map(rows.map(({ hour, count }) => [hour, count]))
  return Array.from({ length: TREND_HOURS }, (_, index) => {
    return { at: (first + index) * HOUR_MS, count: counts.get(first + index) ?? 0 }
  })
}

function tagsOf(database: Database, issueId: number): IssueDetail['tags'] {
  const shown = readTags(database, issueId).filter(({ key }) => SHOWN_KEY.test(key))
  return Object.fromEntries(shown.map(({ key, values }) => [key, values]))
}
