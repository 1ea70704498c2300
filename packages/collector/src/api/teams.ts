import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { ByIdQuery, pageById } from './page-by-id.js'
import { queryOf as bodyOf, pageOf } from './query.js'
import { Ids, Name } from './shapes.js'
import { TeamBody, teamBody } from './team-body.js'
import { idOf, unknownId } from './unknown-id.js'

const NewTeam = bodyOf({ name: Name })
const TeamEdit = bodyOf({
  name: Type.Optional(Name),
  memberIds: Type.Optional(Ids),
  projectIds: Type.Optional(Ids),
})
const TeamPath = Type.Object({ teamId: Type.String() })

export function addTeamRoutes(app: FastifyInstance, { reads, writes, now }: ApiOptions): void {
  app.get<{ Querystring: Static<typeof ByIdQuery> }>(
    '/teams',
    { schema: { summary: 'Teams, by id', querystring: ByIdQuery, response: { 200: pageOf(TeamBody) } } },
    async ({ query }) => {
      const { items, nextCursor } = pageById(await reads.teams(), query)
      return { items: items.map(teamBody), nextCursor }
    },
  )

  app.post<{ Body: Static<typeof NewTeam> }>(
    '/teams',
    { schema: { summary: 'Makes a team', body: NewTeam, response: { 201: TeamBody } } },
    async ({ body }, reply) =>
      reply.code(201).send(teamBody(await writes.createTeam(body.name.trim(), now()))),
  )

  /** Lists take the place of what was there. */
  app.patch<{ Params: Static<typeof TeamPath>; Body: Static<typeof TeamEdit> }>(
    '/teams/:teamId',
    {
      schema: {
        summary: 'Changes it; lists take the place of what was there',
        params: TeamPath,
        body: TeamEdit,
        response: { 200: TeamBody },
      },
    },
    async ({ params, body: { name, ...lists } }) => {
      const id = idOf(params.teamId, 'team')
      await writes.updateTeam(id, { ...lists, name: name?.trim() })
      const team = (await reads.teams()).find((one) => one.id === id)
      if (team === undefined) throw unknownId('team', id)
      return teamBody(team)
    },
  )

  app.delete<{ Params: Static<typeof TeamPath> }>(
    '/teams/:teamId',
    { schema: { summary: 'Deletes it', params: TeamPath, response: { 204: Type.Null() } } },
    async ({ params }, reply) => {
      const id = idOf(params.teamId, 'team')
      if (!(await writes.deleteTeam(id))) throw unknownId('team', id)
      return reply.code(204).send()
    },
  )
}
