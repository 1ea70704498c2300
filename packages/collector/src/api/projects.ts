import type { Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { ByIdQuery, pageById } from './page-by-id.js'
import { ProjectBody, projectBody } from './project-body.js'
import { listOf } from './shapes.js'

export function addProjectRoutes(app: FastifyInstance, { reads, publicUrl }: ApiOptions): void {
  /** `{ id, name, slug, createdAt, keys: [{ publicKey, dsn, createdAt, revokedAt }] }`, by id. */
  app.get<{ Querystring: Static<typeof ByIdQuery> }>(
    '/projects',
    { schema: { querystring: ByIdQuery, response: { 200: listOf(ProjectBody) } } },
    async ({ query }) => {
      const { items, nextCursor } = pageById(await reads.projects(), query)
      return { items: items.map((project) => projectBody(project, publicUrl())), nextCursor }
    },
  )
}
