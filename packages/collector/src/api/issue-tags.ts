import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { apiErrors } from './errors.js'
import { type IssuePath, issueIdOf } from './issues.js'
import { PAGE, pageOf, queryOf } from './query.js'
import { scopeOf } from './visible-projects.js'

const ValuesQuery = queryOf(PAGE)

const Count = Type.Integer({ minimum: 0 })
const ValueBody = Type.Object({ value: Type.String(), count: Count }, { title: 'TagValue' })
const TagBody = Type.Object(
  {
    key: Type.String({ description: '`environment`, `release`, `tag.region`, …' }),
    total: Type.Integer({ minimum: 0, description: 'Of all its values that are stored.' }),
    values: Type.Array(ValueBody, { description: 'The ten most frequent.' }),
  },
  { title: 'Tag' },
)
const TagsBody = Type.Object({ items: Type.Array(TagBody) })

interface KeyPath {
  Params: IssuePath['Params'] & { key: string }
}

/** What the events of an issue have in common, and what not. */
export function addIssueTagRoutes(app: FastifyInstance, { reads }: ApiOptions): void {
  app.get<IssuePath>(
    '/issues/:issueId/tags',
    {
      schema: {
        summary: 'What the events of an issue have, by key: environment, release, tags, …',
        response: { 200: TagsBody },
      },
    },
    async (request) => {
      const items = await reads.tagsOf(issueIdOf(request.params), scopeOf(request, undefined))
      if (items === undefined) throw new apiErrors.IssueNotFound()
      return { items }
    },
  )

  app.get<KeyPath & { Querystring: Static<typeof ValuesQuery> }>(
    '/issues/:issueId/tags/:key',
    {
      schema: {
        summary: 'All values of one key that are stored, the most frequent first',
        querystring: ValuesQuery,
        response: { 200: pageOf(ValueBody) },
      },
    },
    async (request) => {
      const { key } = request.params
      const asked = { ...request.query, ...scopeOf(request, undefined), key }
      const page = await reads.tagValues(issueIdOf(request.params), asked)
      if (page === undefined) throw new apiErrors.IssueNotFound()
      return page
    },
  )
}
