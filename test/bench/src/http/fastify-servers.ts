import type { Server } from 'node:http'
import { type ErrorPluginOptions, errorPlugin } from '@faultline/fastify'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import createError from 'http-errors'
import { pino } from 'pino'
import type { CreateServer } from '../measure/server-list.ts'
import { problems, readOrder, silentReporter } from './shop.ts'

const succeed = async () => ({ ok: true })
const fail = async () => readOrder()
const failWithHttpError = async () => {
  throw createError(404)
}
const failWithProblem = async () => {
  throw new problems.OrderNotFound()
}

export const fastifyServers: Record<string, CreateServer> = {
  'fastify success bare': () => bare(succeed),
  'fastify success faultline': () => faultline(succeed, { asyncContext: false }),
  'fastify success faultline with context': () => faultline(succeed, {}),
  'fastify 500 bare': () => bare(fail),
  'fastify 500 faultline': () => faultline(fail, {}),
  'fastify logged 500 bare': () => bare(fail, logging()),
  'fastify logged 500 faultline': () => faultline(fail, {}, logging()),
  'fastify 404 bare': () => bare(failWithHttpError),
  'fastify 404 faultline': () => faultline(failWithProblem, { problems }),
  'fastify reported 500 sentry': reportingToSentry,
  'fastify reported 500 faultline': () => faultline(fail, { reporter: silentReporter }),
}

function logging(): FastifyServerOptions {
  return { logger: { stream: pino.destination('/dev/null') } }
}

async function bare(handler: () => Promise<object>, options: FastifyServerOptions = {}): Promise<Server> {
  return serverOf(Fastify(options) as FastifyInstance, handler)
}

async function faultline(
  handler: () => Promise<object>,
  pluginOptions: ErrorPluginOptions,
  options: FastifyServerOptions = {},
): Promise<Server> {
  const app = Fastify(options) as FastifyInstance
  await app.register(errorPlugin, pluginOptions)
  return serverOf(app, handler)
}

async function reportingToSentry(): Promise<Server> {
  const { captureException } = await import('./sentry.ts')
  const app = Fastify()
  app.setErrorHandler((error, _request, reply) => {
    captureException(error)
    reply.send(error)
  })
  return serverOf(app, fail)
}

export async function serverOf(app: FastifyInstance, handler: () => Promise<object>): Promise<Server> {
  app.get('/', handler)
  await app.ready()
  return app.server
}
