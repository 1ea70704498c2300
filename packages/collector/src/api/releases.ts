import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { askedProjects } from './asked-projects.js'
import { PAGE, PROJECT, queryOf } from './query.js'
import { ReleaseBody, releaseBody } from './release-body.js'

const Query = queryOf({ ...PAGE, ...PROJECT })
const Answer = Type.Object({
  items: Type.Array(ReleaseBody),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
})

export function addReleaseRoutes(app: FastifyInstance, { reads }: ApiOptions): void {
  /** `{ project, release, firstSeenAt, lastSeenAt, events }`, the one that was seen last first. */
  app.get<{ Querystring: Static<typeof Query>; Reply: Static<typeof Answer> }>(
    '/releases',
    { schema: { querystring: Query, response: { 200: Answer } } },
    async ({ query: { project, ...page }, caller }) => {
      const { items, nextCursor } = await reads.releases({
        ...page,
        projectIds: askedProjects(caller, project),
      })
      return { items: items.map(releaseBody), nextCursor }
    },
  )
}
