import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PASSWORD_LENGTH } from '../store/people.js'
import type { ApiOptions } from './api-plugin.js'
import { apiErrors } from './errors.js'
import { checkOrigin, type SignedIn } from './sign-in.js'
import { MeBody, meBody, Role } from './user-body.js'

const NewPassword = Type.String(PASSWORD_LENGTH)
const Password = Type.String({ minLength: 1, maxLength: PASSWORD_LENGTH.maxLength })

const Login = Type.Object({ email: Type.String({ minLength: 1, maxLength: 254 }), password: Password })
const Change = Type.Object({ current: Password, next: NewPassword })
const Accepted = Type.Object({ token: Type.String({ maxLength: 100 }), password: NewPassword })

/** A password of 1 024 characters, each of them 12 in JSON. */
const BODY_LIMIT_BYTES = 16_384

const SignedInBody = Type.Object({ user: MeBody, csrfToken: Type.String() }, { title: 'SignedIn' })
const SessionBody = Type.Object(
  {
    user: Type.Optional(MeBody),
    /** To be sent as `x-csrf-token` with every change. */
    csrfToken: Type.Optional(Type.String()),
    token: Type.Optional(Type.Object({ id: Type.Integer(), name: Type.String(), role: Role })),
  },
  { title: 'Session' },
)

export function addSessionRoutes(app: FastifyInstance, options: ApiOptions): void {
  const { reads, signIn, publicUrl } = options

  app.post<{ Body: Static<typeof Login> }>(
    '/session',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { summary: 'Signs in: sets a cookie', body: Login, response: { 200: SignedInBody } },
    },
    async (request, reply) => {
      checkOrigin(request, publicUrl())
      return answer(request, reply, await signIn.signIn({ ...request.body, address: request.ip }))
    },
  )

  app.get(
    '/session',
    { schema: { summary: 'Who asks', response: { 200: SessionBody } } },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { kind, id, name, role } = request.caller
      if (kind === 'token') return { token: { id, name, role } }
      const login = await reads.findLogin({ userId: id })
      return login && { user: meBody(login.user), csrfToken: signIn.csrfTokenOf(request) }
    },
  )

  app.delete(
    '/session',
    { schema: { summary: 'Signs out', response: { 204: Type.Null() } } },
    async (request, reply) => {
      if (request.caller.kind === 'token') throw new apiErrors.SessionNotFound()
      return reply
        .header('set-cookie', await signIn.signOut(request))
        .code(204)
        .send()
    },
  )

  app.put<{ Body: Static<typeof Change> }>(
    '/session/password',
    {
      schema: {
        summary: 'Sets a new password, and ends the other sessions of the user',
        body: Change,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { caller, body, ip } = request
      if (caller.kind === 'token') throw new apiErrors.SessionNotFound()
      await signIn.changePassword(request, { ...body, userId: caller.id, address: ip })
      return reply.code(204).send()
    },
  )

  app.post<{ Body: Static<typeof Accepted> }>(
    '/one-time-links/accept',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        summary: 'Sets a password by a one-time link, and signs in',
        body: Accepted,
        response: { 200: SignedInBody },
      },
    },
    async (request, reply) => {
      checkOrigin(request, publicUrl())
      return answer(request, reply, await signIn.acceptLink(request.body))
    },
  )
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { user, csrfToken, cookie }: SignedIn,
): Static<typeof SignedInBody> {
  request.caller = { kind: 'user', id: user.id, name: user.name, role: user.role } // for the audit log
  reply.header('set-cookie', cookie).header('cache-control', 'no-store')
  return { user: meBody(user), csrfToken }
}
