import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { IssueBody, issueBody } from './issue-body.js'
import { PAGE, PERIOD, PROJECT, queryOf, readPeriod } from './query.js'
import { scopeOf } from './visible-projects.js'

const DAY_MS = 86_400_000

const TopQuery = queryOf({ ...PROJECT, ...PERIOD, limit: { ...PAGE.limit, default: 10 } })
const TopBody = Type.Object({
  items: Type.Array(
    Type.Object({
      count: Type.Integer({ minimum: 1, description: 'Events of the period.' }),
      issue: IssueBody,
    }),
  ),
})

export function addTopIssuesRoute(app: FastifyInstance, { reads, now }: ApiOptions): void {
  /** Issues of every status. Default: the last 24 hours. */
  app.get<{ Querystring: Static<typeof TopQuery> }>(
    '/stats/top-issues',
    {
      schema: {
        summary: 'Issues by their events in a period of 31 days at most, the most first',
        querystring: TopQuery,
        response: { 200: TopBody },
      },
    },
    async (request) => {
      const { project, limit } = request.query
      const askedAt = now()
      const { until = askedAt, since = until - DAY_MS } = readPeriod(request.query, askedAt)
      const top = await reads.topIssues({ ...scopeOf(request, project), since, until, limit })
      return { items: top.map(({ count, issue }) => ({ count, issue: issueBody(issue) })) }
    },
  )
}
