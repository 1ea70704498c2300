import type { Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { PAGE, PERIOD, PROJECT, pageOf, queryOf, readPeriod } from './query.js'
import { ServiceBody, serviceBody } from './service-body.js'
import { scopeOf } from './visible-projects.js'

const DEFAULT_PERIOD_MS = 30 * 86_400_000

const Query = queryOf({ ...PAGE, ...PROJECT, ...PERIOD })

export function addServiceRoutes(app: FastifyInstance, { reads, now }: ApiOptions): void {
  /** `{ project, service, environments, events, lastSeenAt }`, by project and name; of the last 30 days, or since and until. */
  app.get<{ Querystring: Static<typeof Query> }>(
    '/services',
    {
      schema: {
        summary: 'Services and where they run, by project and name',
        querystring: Query,
        response: { 200: pageOf(ServiceBody) },
      },
    },
    async (request) => {
      const { project, limit, cursor, ...period } = request.query
      const askedAt = now()
      const { until = askedAt, since = until - DEFAULT_PERIOD_MS } = readPeriod(period, askedAt)
      const scope = scopeOf(request, project)
      const { items, nextCursor } = await reads.services({ limit, cursor, since, until, ...scope })
      return { items: items.map(serviceBody), nextCursor }
    },
  )
}
