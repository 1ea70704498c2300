import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { askedProjects } from './asked-projects.js'
import { PAGE, PERIOD, PROJECT, queryOf, readPeriod } from './query.js'
import { ServiceBody, serviceBody } from './service-body.js'

const DEFAULT_PERIOD_MS = 30 * 86_400_000

const Query = queryOf({ ...PAGE, ...PROJECT, ...PERIOD })
const Answer = Type.Object({
  items: Type.Array(ServiceBody),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
})

export function addServiceRoutes(app: FastifyInstance, { reads, now }: ApiOptions): void {
  /** `{ project, service, environments, events, lastSeenAt }`, by project and name; of the last 30 days, or since and until. */
  app.get<{ Querystring: Static<typeof Query>; Reply: Static<typeof Answer> }>(
    '/services',
    { schema: { querystring: Query, response: { 200: Answer } } },
    async ({ query, caller }) => {
      const { project, limit, cursor } = query
      const askedAt = now()
      const { until = askedAt, since = until - DEFAULT_PERIOD_MS } = readPeriod(query, askedAt)
      const projectIds = askedProjects(caller, project)
      const { items, nextCursor } = await reads.services({ limit, cursor, projectIds, since, until })
      return { items: items.map(serviceBody), nextCursor }
    },
  )
}
