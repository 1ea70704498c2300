import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { DeadLetter } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'
import { apiErrors } from './errors.js'
import { PAGE, PROJECT, pageOf, queryOf, readId } from './query.js'
import { OutcomeBody, outcomeBody } from './stats.js'
import { Time, timeOf } from './time-of.js'

const ListQuery = queryOf({ ...PAGE, ...PROJECT })

const DeadLetterBody = Type.Object(
  {
    id: Type.String(),
    project: Type.Integer(),
    receivedAt: Time,
    position: Type.Integer({ description: 'Of its body, in the queue.' }),
    index: Type.Integer({
      description: 'Which event of the body, counted from 0; -1 for the body as a whole.',
    }),
    protocol: Type.String(),
    stage: Type.String(),
    reason: Type.String(),
    count: Type.Integer({ minimum: 0, description: 'How many events it stands for.' }),
  },
  { title: 'DeadLetter' },
)
const ReplayBody = Type.Object({ outcomes: Type.Array(OutcomeBody) })

interface DeadLetterPath {
  Params: { deadLetterId: string }
}

/** Events that could not be digested: their bodies are kept in the queue, and are not shown, for they are not scrubbed. */
export function addDlqRoutes(app: FastifyInstance, { reads, writes }: ApiOptions): void {
  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/dlq',
    {
      schema: {
        summary: 'Dead letters, newest first',
        querystring: ListQuery,
        response: { 200: pageOf(DeadLetterBody) },
      },
    },
    async ({ query: { project, ...page } }) => {
      const { items, nextCursor } = await reads.deadLetters({ ...page, projectId: project })
      return { items: items.map(deadLetterBody), nextCursor }
    },
  )

  app.get<DeadLetterPath>(
    '/dlq/:deadLetterId',
    { schema: { response: { 200: DeadLetterBody } } },
    async ({ params }) => {
      const found = await reads.deadLetter(idOf(params))
      if (found === undefined) throw new apiErrors.DeadLetterNotFound()
      return deadLetterBody(found)
    },
  )

  /** `{ outcomes: [{ project, outcome, reason, protocol, count }] }`: what has become of it, in place of `failed`. */
  app.post<DeadLetterPath>(
    '/dlq/:deadLetterId/replay',
    { schema: { response: { 200: ReplayBody } } },
    async ({ params }) => {
      const replay = await writes.replayDeadLetter(idOf(params))
      if (replay.kind === 'not_found') throw new apiErrors.DeadLetterNotFound()
      if (replay.kind === 'gone') throw new apiErrors.DeadLetterBodyGone()
      if (replay.kind === 'failed') throw new apiErrors.ReplayFailed({ reason: replay.reason })
      return { outcomes: replay.result.outcomes.map(outcomeBody) }
    },
  )

  app.delete<DeadLetterPath>(
    '/dlq/:deadLetterId',
    { schema: { summary: 'Gives it up for good', response: { 204: Type.Null() } } },
    async ({ params }, reply) => {
      if (!(await writes.deleteDeadLetter(idOf(params)))) throw new apiErrors.DeadLetterNotFound()
      return reply.code(204).send()
    },
  )
}

function deadLetterBody({ id, projectId, receivedAt, position, index, ...rest }: DeadLetter) {
  return { id: String(id), project: projectId, receivedAt: timeOf(receivedAt), position, index, ...rest }
}

function idOf({ deadLetterId }: DeadLetterPath['Params']): number {
  const id = readId(deadLetterId)
  if (id === undefined) throw new apiErrors.DeadLetterNotFound()
  return id
}
