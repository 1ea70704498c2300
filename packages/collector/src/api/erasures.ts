import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { PROJECT } from './query.js'
import { scopeOf } from './visible-projects.js'

const MEMBERS = {
  userId: Type.Optional(Type.String({ minLength: 1, description: 'Of events: `user.id`, to the letter.' })),
  email: Type.Optional(
    Type.String({ minLength: 1, description: 'Of events: `user.email`, in any case of its letters.' }),
  ),
  ...PROJECT,
}
const ErasureRequest = Type.Object(MEMBERS, {
  propertyNames: { enum: Object.keys(MEMBERS) },
  anyOf: [{ required: ['userId'] }, { required: ['email'] }],
})

const count = (description: string) => Type.Integer({ minimum: 0, description })
const ErasureBody = Type.Object({
  events: count('Deleted.'),
  attachments: count('Deleted with these events.'),
  feedback: count('Deleted with these events, or written under that address.'),
  issues: count('That have lost events, or were made of one; those without other events are gone.'),
  deadLetters: count('Events in the DLQ, whose bodies nobody can look into: see `GET /dlq`.'),
})

/** Deletes everything about a user; it answers once nothing of it is left. */
export function addErasureRoutes(app: FastifyInstance, { reads, writes }: ApiOptions): void {
  app.post<{ Body: Static<typeof ErasureRequest> }>(
    '/erasures',
    {
      schema: {
        summary: 'Delete everything about a user',
        body: ErasureRequest,
        response: { 200: ErasureBody },
      },
    },
    async (request) => {
      const { project, ...user } = request.body
      const erased = await writes.eraseUser({ ...user, ...scopeOf(request, project) })
      return { ...erased, deadLetters: await reads.countDeadLetters() }
    },
  )
}
