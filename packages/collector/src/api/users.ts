import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { apiErrors } from './errors.js'
import { ByIdQuery, pageById } from './page-by-id.js'
import { pageOf } from './query.js'
import { LinkBody, linkBody, Role, UserBody, userBody } from './user-body.js'

const Path = Type.Object({ userId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })
const Email = Type.String({ maxLength: 254, pattern: '^\\s*[^\\s@]+@[^\\s@]+\\s*$' })
const NewUser = Type.Object({ email: Email, name: Name, role: Role }, { additionalProperties: false })
const Edit = Type.Object(
  { name: Type.Optional(Name), role: Type.Optional(Role), isDisabled: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
)
const NewUserBody = Type.Object({ user: UserBody, ...LinkBody.properties }, { title: 'NewUser' })

interface UserPath {
  Params: Static<typeof Path>
}

export function addUserRoutes(app: FastifyInstance, { reads, writes, signIn, now }: ApiOptions): void {
  /** By id. */
  app.get<{ Querystring: Static<typeof ByIdQuery> }>(
    '/users',
    { schema: { summary: 'Users, by id', querystring: ByIdQuery, response: { 200: pageOf(UserBody) } } },
    async ({ query }) => {
      const { items, nextCursor } = pageById(await reads.users(), query)
      return { items: items.map(userBody), nextCursor }
    },
  )

  app.post<{ Body: Static<typeof NewUser> }>(
    '/users',
    {
      schema: {
        summary: 'Makes a user, and a one-time link for them',
        body: NewUser,
        response: { 201: NewUserBody },
      },
    },
    async ({ body }, reply) => {
      const user = await writes.createUser(body, now()).catch(refuseTaken)
      const link = await newLink(user.id)
      return reply.code(201).send({ user: userBody(user), ...link })
    },
  )

  app.patch<UserPath & { Body: Static<typeof Edit> }>(
    '/users/:userId',
    {
      schema: {
        summary: 'Changes a user; the last administrator stays one',
        params: Path,
        body: Edit,
        response: { 200: UserBody },
      },
    },
    async ({ params, body }) => {
      const update = await writes.updateUser(params.userId, body, now())
      if (update.kind === 'not_found') throw new apiErrors.UserNotFound()
      if (update.kind === 'last_admin') throw new apiErrors.LastAdmin()
      signIn.forget()
      return userBody(update.user)
    },
  )

  app.post<UserPath>(
    '/users/:userId/one-time-link',
    {
      schema: {
        summary: 'Makes a one-time link, in place of an earlier one',
        params: Path,
        response: { 201: LinkBody },
      },
    },
    async ({ params }, reply) => reply.code(201).send(await newLink(params.userId)),
  )

  const newLink = async (userId: number) => {
    const made = await signIn.createLink(userId)
    if (made === undefined) throw new apiErrors.UserNotFound()
    return linkBody(made)
  }
}

/** Told by its name, as it comes from another thread. */
function refuseTaken(error: Error): never {
  throw error.name === 'StoreConflict' ? new apiErrors.EmailTaken({ cause: error }) : error
}
