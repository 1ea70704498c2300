import type { Server } from 'node:http'
import { errorPlugin } from '@faultline/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { serverOf } from '../http/fastify-servers.ts'
import type { Listener } from './servers.ts'

/** A service that logs nothing. */
export async function fastifyServer(handler: () => object, { reporter, sentry }: Listener): Promise<Server> {
  const app = Fastify() as FastifyInstance
  if (sentry !== undefined) sentry.setupFastifyErrorHandler(app)
  else await app.register(errorPlugin, { reporter })
  return serverOf(app, async () => handler())
}
