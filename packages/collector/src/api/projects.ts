import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { IngestKey, Project } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'
import { dsnOf } from './dsn-of.js'
import { PAGE, pageOf, queryOf } from './query.js'
import { Time, timeOf } from './time-of.js'

const Query = queryOf({ ...PAGE, cursor: Type.Optional(Type.String({ pattern: '^\\d+$' })) })

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
  app.get<{ Querystring: Static<typeof Query> }>(
    '/projects',
    {
      schema: {
        summary: 'Projects with their keys, by id',
        querystring: Query,
        response: { 200: pageOf(ProjectBody) },
      },
    },
    async ({ query: { limit, cursor = -1 } }) => {
      const projects = (await reads.projects()).toSorted((one, other) => one.id - other.id)
      const rest = projects.filter(({ id }) => id > Number(cursor))
      const page = rest.slice(0, limit)
      return {
        items: page.map((project) => projectBody(project, publicUrl())),
        nextCursor: rest.length > limit ? String(page.at(-1)?.id) : null,
      }
    },
  )
}

function projectBody({ id, name, slug, createdAt, keys }: Project, publicUrl: string) {
  return { id, name, slug, createdAt: timeOf(createdAt), keys: keys.map((key) => keyBody(key, publicUrl)) }
}

function keyBody(key: IngestKey, publicUrl: string) {
  const { publicKey, createdAt, revokedAt } = key
  const dsn = dsnOf(key, publicUrl)
  return {
    publicKey,
    dsn,
    createdAt: timeOf(createdAt),
    revokedAt: revokedAt === null ? null : timeOf(revokedAt),
  }
}
