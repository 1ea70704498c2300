import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { OUTCOMES, type OutcomeCount, SERIES_KEYS } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'
import { oneOf, PERIOD, PROJECT, queryOf, readId, readPeriod, readStep } from './query.js'
import { Time, timeOf } from './time-of.js'

const DAY_MS = 86_400_000

const SeriesQuery = queryOf({
  ...PROJECT,
  ...PERIOD,
  issue: Type.Optional(Type.String()),
  by: Type.Optional(oneOf(SERIES_KEYS)),
  step: Type.String({ default: '1h' }),
})
const OutcomesQuery = queryOf({ ...PROJECT, ...PERIOD })

const Count = Type.Integer({ minimum: 0 })

export const OutcomeBody = Type.Object(
  {
    project: Type.Integer(),
    outcome: oneOf(OUTCOMES),
    reason: Type.String(),
    protocol: Type.String(),
    count: Count,
  },
  { title: 'Outcome' },
)
const SeriesBody = Type.Object({
  step: Type.Integer({ description: 'Seconds.' }),
  points: Type.Array(
    Type.Object({ at: Time, count: Count, counts: Type.Optional(Type.Record(Type.String(), Count)) }),
  ),
})
const OutcomesBody = Type.Object({
  received: Count,
  pending: Type.Integer(),
  outcomes: Type.Array(OutcomeBody),
  dropped: Type.Array(Type.Object({ reason: Type.String(), count: Count })),
})

export function addStatsRoutes(app: FastifyInstance, options: ApiOptions): void {
  /**
   * `{ step, points: [{ at, count, counts? }] }`, oldest first, empty steps too; `step` in seconds. With `by`, `counts` says it by
   * severity, service or environment (the greatest 20, and `other`), or (`requests`) by status class of all requests. Default: the last 24 hours by hour.
   */
  app.get<{ Querystring: Static<typeof SeriesQuery> }>(
    '/stats/series',
    {
      schema: {
        summary: 'Events, or requests, over time',
        querystring: SeriesQuery,
        response: { 200: SeriesBody },
      },
    },
    ({ query }) => series(query, options),
  )

  /**
   * `{ received, pending, outcomes: [{ project, outcome, reason, protocol, count }], dropped: [{ reason, count }] }`.
   * `received = Σ outcomes + pending`, at one moment. With `since` or `until` only outcomes and drops are of that time, by hour.
   */
  app.get<{ Querystring: Static<typeof OutcomesQuery> }>(
    '/stats/outcomes',
    {
      schema: {
        summary: 'What has become of what was received',
        querystring: OutcomesQuery,
        response: { 200: OutcomesBody },
      },
    },
    ({ query }) => outcomes(query, options),
  )
}

async function series(request: Static<typeof SeriesQuery>, { reads, now }: ApiOptions) {
  const { project, issue, by, step } = request
  const askedAt = now()
  const { until = askedAt, since = until - DAY_MS } = readPeriod(request, askedAt)
  const stepSeconds = readStep(step)
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

/** What the books lack is pending: the queue is measured as a whole, and they are of one moment. */
async function outcomes(request: Static<typeof OutcomesQuery>, { reads, readBooks, now }: ApiOptions) {
  const { project: projectId, since, until } = request
  const period = { projectId, ...readPeriod(request, now()) }
  const isOfAllTime = since === undefined && until === undefined
  const [books, dropped, ofPeriod] = await Promise.all([
    readBooks(),
    reads.dropped(period),
    isOfAllTime ? undefined : reads.outcomes(period),
  ])
  const isAsked = (id: number) => projectId === undefined || projectId === id
  const received = sum([...books.received].map(([id, count]) => (isAsked(id) ? count : 0)))
  const ever = books.outcomes.filter((one) => isAsked(one.projectId))
  return {
    received,
    pending: received - sum(ever.map(({ count }) => count)),
    outcomes: (ofPeriod ?? ever).map(outcomeBody),
    dropped,
  }
}

/** Also what a replayed dead letter has become. */
export function outcomeBody({ projectId, ...outcome }: OutcomeCount) {
  return { project: projectId, ...outcome }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
