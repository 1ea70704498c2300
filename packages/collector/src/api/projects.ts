import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { IngestKey, Project } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'
import { dsnOf } from './dsn-of.js'
import { ByIdQuery, pageById } from './page-by-id.js'
import { pageOf } from './query.js'
import { Time, timeOf } from './time-of.js'
import { sees } from './visible-projects.js'

export const KeyBody = Type.Object(
  {
    publicKey: Type.String(),
    dsn: Type.String(),
    createdAt: Time,
    revokedAt: Type.Union([Time, Type.Null()]),
  },
  { title: 'Key' },
)

export const ProjectBody = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    slug: Type.String(),
    createdAt: Time,
    keys: Type.Array(KeyBody),
  },
  { title: 'Project' },
)

export function addProjectRoutes(app: FastifyInstance, { reads, publicUrl }: ApiOptions): void {
  /** `{ id, name, slug, createdAt, keys: [{ publicKey, dsn, createdAt, revokedAt }] }`, by id. */
  app.get<{ Querystring: Static<typeof ByIdQuery> }>(
    '/projects',
    {
      schema: {
        summary: 'Projects with their keys, by id',
        querystring: ByIdQuery,
        response: { 200: pageOf(ProjectBody) },
      },
    },
    async (request) => {
      const visible = (await reads.projects()).filter(({ id }) => sees(request, id))
      const { items, nextCursor } = pageById(visible, request.query)
      return { items: items.map((project) => projectBody(project, publicUrl())), nextCursor }
    },
  )
}

export function projectBody({ id, name, slug, createdAt, keys }: Project, publicUrl: string) {
  return { id, name, slug, createdAt: timeOf(createdAt), keys: keys.map((key) => keyBody(key, publicUrl)) }
}

export function keyBody(key: IngestKey, publicUrl: string) {
  const { publicKey, createdAt, revokedAt } = key
  const dsn = dsnOf(key, publicUrl)
  return {
    publicKey,
    dsn,
    createdAt: timeOf(createdAt),
    revokedAt: revokedAt === null ? null : timeOf(revokedAt),
  }
}
