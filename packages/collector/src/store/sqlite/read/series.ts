import { SEVERITIES, STATUS_CLASSES } from '@faultline/protocol'
import { BadRequestToStore, type Series, type SeriesRequest } from '../../store.js'
import { all, type Condition, ofProjects, where } from './condition.js'
import type { Database } from './database.js'

const MINUTE = 60
const HOUR = 3600
/** A day by minute, two months by hour. */
const MOST_POINTS = 1500
/** Clients choose the names of services and environments: so many of them, the greatest, and the rest as one. */
const MOST_KEYS = 20
const OTHER_KEYS = 'other'

/** Where the counts of a series lie. */
interface Source {
  table: string
  /** The column that its times are counted in, and how many seconds one of it is. */
  timeColumn: string
  unitSeconds: number
  /** What its counts are told apart by. */
  keyColumn: string
  /** Keys that are there even when nothing was counted. */
  keys: readonly string[]
}

/** Counts over time. Steps begin at multiples of the step since 1970, in UTC. @throws BadRequestToStore */
export function readSeries(database: Database, request: SeriesRequest): Series {
  const source = sourceOf(request)
  const steps = stepsOf(request)
  const { stepSeconds } = request
  const unitsOfStep = stepSeconds / source.unitSeconds
  const { sql, values } = all([
    ...scopeOf(request),
    where(
      `${source.timeColumn} >= ? AND ${source.timeColumn} < ?`,
      steps.first * unitsOfStep,
      steps.end * unitsOfStep,
    ),
  ])
  const { table, keyColumn } = source
  // Not sum(): clients have counted, and node:sqlite throws when a sum is no safe integer.
  const rows = database.all<{ step: number; key: string; count: number }>(
    `WITH greatest AS MATERIALIZED (
       SELECT ${keyColumn} AS key FROM ${table} WHERE ${sql} GROUP BY 1 ORDER BY total(count) DESC, 1 LIMIT ${MOST_KEYS}
     )
     SELECT ${source.timeColumn} / ${unitsOfStep} AS step,
       CASE WHEN ${keyColumn} IN greatest THEN ${keyColumn} ELSE '${OTHER_KEYS}' END AS key, total(count) AS count
     FROM ${table} WHERE ${sql} GROUP BY 1, 2`,
    ...values,
    ...values,
  )
  return { stepSeconds, points: pointsOf(rows, { ...steps, stepSeconds, keys: source.keys }) }
}

function sourceOf({ issueId, by, stepSeconds }: SeriesRequest): Source {
  if (issueId !== undefined && by !== undefined) {
    throw new BadRequestToStore(`The series of an issue cannot be told apart by ${by}.`)
  }
  const source = issueId !== undefined ? ISSUE : by === 'requests' ? REQUESTS : projects(by)
  if (
    Number.isSafeInteger(stepSeconds) &&
    (stepSeconds === MINUTE || stepSeconds % HOUR === 0) &&
    stepSeconds > 0
  ) {
    if (stepSeconds % source.unitSeconds === 0) return source
  }
  throw new BadRequestToStore(
    source.unitSeconds === MINUTE
      ? 'step is 1m, or whole hours: 1h, 6h, 1d, 1w.'
      : 'step is whole hours: 1h, 6h, 1d, 1w. With issue or by=requests it is 1m, too.',
  )
}

const ISSUE: Source = {
  table: 'issue_minutes',
  timeColumn: 'minute',
  unitSeconds: MINUTE,
  keyColumn: `'count'`,
  keys: ['count'],
}

const REQUESTS: Source = {
  table: 'request_minutes',
  timeColumn: 'minute',
  unitSeconds: MINUTE,
  keyColumn: 'status',
  keys: STATUS_CLASSES,
}

function projects(by: 'severity' | 'service' | 'environment' | undefined): Source {
  const keys = by === undefined ? ['count'] : by === 'severity' ? SEVERITIES : []
  const keyColumn = by ?? `'count'`
  return { table: 'project_hours', timeColumn: 'hour', unitSeconds: HOUR, keyColumn, keys }
}

/** Counted from 1970: from the step that `since` is in, up to the one that `until` is in. */
function stepsOf({ since, until, stepSeconds }: SeriesRequest): { first: number; end: number } {
  const stepMs = stepSeconds * 1000
  const first = Math.floor(since / stepMs)
  const end = Math.ceil(until / stepMs)
  if (!(since < until)) throw new BadRequestToStore('A series has to begin before it ends.')
  if (end - first > MOST_POINTS) {
    throw new BadRequestToStore(
      `The series has ${end - first} points; ${MOST_POINTS} are the most: take a longer step.`,
    )
  }
  return { first, end }
}

/** Every counter begins its primary key with the project, which is why all projects are named where none is asked for. */
function scopeOf({ issueId, projectIds }: SeriesRequest): Condition[] {
  if (issueId === undefined) {
    const all = where('project_id IN (SELECT id FROM projects)')
    return projectIds === undefined ? [all] : ofProjects('project_id', projectIds)
  }
  const ofIssue = where('issue_id = ?', issueId)
  const [visible] = ofProjects('project_id', projectIds)
  if (visible === undefined) return [ofIssue]
  return [ofIssue, where(`issue_id IN (SELECT id FROM issues WHERE ${visible.sql})`, ...visible.values)]
}

function pointsOf(
  rows: readonly { step: number; key: string; count: number }[],
  {
    first,
    end,
    stepSeconds,
    keys,
  }: { first: number; end: number; stepSeconds: number; keys: readonly string[] },
): Series['points'] {
  const zeros = [...new Set([...keys, ...rows.map(({ key }) => key)])].map((key) => [key, 0] as const)
  const points = Array.from({ length: end - first }, (_, index) => {
    return { at: (first + index) * stepSeconds * 1000, counts: new Map<string, number>(zeros) }
  })
  for (const { step, key, count } of rows) points[step - first]?.counts.set(key, count)
  return points.map(({ at, counts }) => ({ at, counts: Object.fromEntries(counts) }))
}
