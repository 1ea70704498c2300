import type { Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { PAGE, PROJECT, pageOf, queryOf } from './query.js'
import { ReleaseBody, releaseBody } from './release-body.js'
import { scopeOf } from './visible-projects.js'

const Query = queryOf({ ...PAGE, ...PROJECT })

export function addReleaseRoutes(app: FastifyInstance, { reads }: ApiOptions): void {
  /** `{ project, release, firstSeenAt, lastSeenAt, events }`, the one that was seen last first. */
  app.get<{ Querystring: Static<typeof Query> }>(
    '/releases',
    {
      schema: {
        summary: 'Releases, the one that was seen last first',
        querystring: Query,
        response: { 200: pageOf(ReleaseBody) },
      },
    },
    async (request) => {
      const { project, ...page } = request.query
      const { items, nextCursor } = await reads.releases({ ...page, ...scopeOf(request, project) })
      return { items: items.map(releaseBody), nextCursor }
    },
  )
}
