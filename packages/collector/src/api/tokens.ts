import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { ByIdQuery, pageById } from './page-by-id.js'
import { queryOf as bodyOf, pageOf } from './query.js'
import { Ids, Name } from './shapes.js'
import { RoleWord, TOKEN, TokenBody, tokenBody } from './token-body.js'
import { idOf, unknownId } from './unknown-id.js'

const NewToken = bodyOf({ name: Name, role: RoleWord, projectIds: Type.Optional(Ids) })
const TokenPath = Type.Object({ tokenId: Type.String() })
const CreatedToken = Type.Object(
  { ...TOKEN, token: Type.String({ description: 'Shown this once.' }) },
  { title: 'NewToken' },
)

export function addTokenRoutes(app: FastifyInstance, options: ApiOptions): void {
  const { reads, writes, now, newToken, tokensChanged } = options

  app.get<{ Querystring: Static<typeof ByIdQuery> }>(
    '/tokens',
    {
      schema: {
        summary: 'Tokens, without their secret, by id',
        querystring: ByIdQuery,
        response: { 200: pageOf(TokenBody) },
      },
    },
    async ({ query }) => {
      const { items, nextCursor } = pageById(await reads.tokens(), query)
      return { items: items.map(tokenBody), nextCursor }
    },
  )

  /** `token` itself is shown this once. */
  app.post<{ Body: Static<typeof NewToken> }>(
    '/tokens',
    { schema: { summary: 'Makes a token', body: NewToken, response: { 201: CreatedToken } } },
    async ({ body: { name, role, projectIds } }, reply) => {
      const { token, hash } = newToken()
      const made = await writes.createToken({ name: name.trim(), role, hash, projectIds }, now())
      return reply.code(201).send({ ...tokenBody(made), token })
    },
  )

  app.delete<{ Params: Static<typeof TokenPath> }>(
    '/tokens/:tokenId',
    {
      schema: {
        summary: 'Revokes it: it is refused from then on',
        params: TokenPath,
        response: { 204: Type.Null() },
      },
    },
    async ({ params }, reply) => {
      const id = idOf(params.tokenId, 'token')
      if (!(await writes.revokeToken(id, now()))) throw unknownId('token', `${id} that is valid`)
      tokensChanged()
      return reply.code(204).send()
    },
  )
}
