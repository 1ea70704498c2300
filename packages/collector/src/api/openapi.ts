import swagger from '@fastify/swagger'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { nameSchemas } from './name-schemas.js'
import { roleOf } from './route-roles.js'

const DESCRIPTION =
  'What a Faultline collector has stored, and how it is run. Errors are problems (RFC 9457); each `type` has its section in docs/errors.md.'

const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    instance: Type.String(),
  },
  { title: 'Problem', description: 'RFC 9457; some have more members.' },
)
const PROBLEM_ANSWER = {
  description: 'A problem.',
  content: { 'application/problem+json': { schema: Problem } },
}

/** Writes down the routes that are added after it, and serves the document at `/openapi.json`. */
export async function addOpenapi(app: FastifyInstance): Promise<void> {
  app.setSerializerCompiler(() => JSON.stringify) // the schemas of answers are for readers: they take nothing away
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Faultline', version: 'v1', description: DESCRIPTION },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: ({ schema, url, route }) => ({
      schema: { ...withProblems(schema), 'x-role': roleOf(route) } as FastifySchema,
      url,
    }),
    transformObject: (found) => nameSchemas('openapiObject' in found ? found.openapiObject : {}),
  })
  app.get(
    '/openapi.json',
    { schema: { summary: 'This document', response: { 200: Type.Object({}) } } },
    async () => app.swagger(),
  )
}

function withProblems(schema: FastifySchema = {}): FastifySchema {
  return { ...schema, response: { ...(schema.response as object), default: PROBLEM_ANSWER } }
}
