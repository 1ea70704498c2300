import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { type OutcomeCount, SERIES_KEYS } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'
import { apiErrors } from './errors.js'
import { oneOf, PERIOD, PROJECT, queryOf, readId, readPeriod, readStep } from './query.js'
import { timeOf } from './time-of.js'

const DAY_MS = 86_400_000
/** A day by minute, two months by hour. */
const MAX_POINTS = 1500

const SeriesQuery = queryOf({
  ...PROJECT,
  ...PERIOD,
  issue: Type.Optional(Type.String()),
  by: Type.Optional(oneOf(SERIES_KEYS)),
  step: Type.String({ default: '1h' }),
})
const OutcomesQuery = queryOf({ ...PROJECT, ...PERIOD })

export function addStatsRoutes(app: FastifyInstance, options: ApiOptions): void {
  /**
   * `{ step, points: [{ at, count, counts? }] }`, oldest first, empty steps too; `step` in seconds. With `by`, `counts` says it by
   * severity, service, environment, or (`requests`) by status class of all requests. Default: the last 24 hours by hour.
   */
  app.get<{ Querystring: Static<typeof SeriesQuery> }>(
    '/stats/series',
    { schema: { querystring: SeriesQuery } },
    ({ query }) => series(query, options),
  )

  /**
   * `{ received, pending, outcomes: [{ project, outcome, reason, protocol, count }], dropped: [{ reason, count }] }`.
   * `received = Σ outcomes + pending` whenever nothing is on its way, and `pending` never reads 0 too early. With `since` or `until`
   * only outcomes and drops are of that time, by hour.
   */
  app.get<{ Querystring: Static<typeof OutcomesQuery> }>(
    '/stats/outcomes',
    { schema: { querystring: OutcomesQuery } },
    ({ query }) => outcomes(query, options),
  )
}

async function series(request: Static<typeof SeriesQuery>, { reads, now }: ApiOptions) {
  const { project, issue, by, step } = request
  const askedAt = now()
  const { until = askedAt, since = until - DAY_MS } = readPeriod(request, askedAt)
  const stepSeconds = readStep(step)
  if ((until - since) / (stepSeconds * 1000) > MAX_POINTS)
    throw new apiErrors.QueryMistaken({
      detail: `That would be more than ${MAX_POINTS} points: take a longer step or a shorter time.`,
    })
  const issueId = issue === undefined ? undefined : (readId(issue) ?? -1)
  const found = await reads.series({ projectId: project, issueId, by, stepSeconds, since, until })
  return {
    step: found.stepSeconds,
    points: found.points.map(({ at, counts }) => ({
      at: timeOf(at),
      count: sum(Object.values(counts)),
      ...(by !== undefined && { counts }),
    })),
  }
}

/** The queue is asked first: what moves on meanwhile is counted twice for a moment, but never missing. */
async function outcomes(request: Static<typeof OutcomesQuery>, options: ApiOptions) {
  const { reads } = options
  const projectId = request.project
  const received = receivedBy(projectId, options)
  const pending = options.queueLength().events
  const period = { projectId, ...readPeriod(request, options.now()) }
  const [counts, dropped] = await Promise.all([reads.outcomes(period), reads.dropped(period)])
  return {
    received,
    pending:
      projectId === undefined ? pending : Math.max(0, received - (await everCounted(projectId, options))),
    outcomes: counts.map(outcomeBody),
    dropped,
  }
}

/** The queue is measured as a whole; what of it is one project's is what its books still lack. */
async function everCounted(projectId: number, { reads }: ApiOptions): Promise<number> {
  const counts = await reads.outcomes({ projectId })
  return sum(counts.map(({ count }) => count))
}

function receivedBy(projectId: number | undefined, { received }: ApiOptions): number {
  const byProject = received()
  return projectId === undefined ? sum([...byProject.values()]) : (byProject.get(projectId) ?? 0)
}

/** Also what a replayed dead letter has become. */
export function outcomeBody({ projectId, ...outcome }: OutcomeCount) {
  return { project: projectId, ...outcome }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
