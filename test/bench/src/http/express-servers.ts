import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { errorMiddleware, notFound, requestContext } from '@faultline/express'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import createError from 'http-errors'
import { pino } from 'pino'
import { pinoHttp } from 'pino-http'
import type { CreateServer } from '../measure/server-list.ts'
import { problems, readOrder, silentReporter } from './shop.ts'

type FinalHandler = (error?: unknown) => void

/** Express' own default handler. */
const finalHandler: (
  request: IncomingMessage,
  response: ServerResponse,
  options: { env: string },
) => FinalHandler = createRequire(createRequire(import.meta.url).resolve('express'))('finalhandler')

const succeed: RequestHandler = (_request, response) => void response.json({ ok: true })
const fail: RequestHandler = () => void readOrder()
const failWithHttpError: RequestHandler = () => {
  throw createError(404)
}
const failWithProblem: RequestHandler = () => {
  throw new problems.OrderNotFound()
}
const logError: ErrorRequestHandler = (error, request, _response, next) => {
  request.log.error({ err: error })
  next(error)
}

export const expressServers: Record<string, CreateServer> = {
  'express success bare': () => serverOf(succeed),
  'express success faultline': () => serverOf(succeed, { after: faultline }),
  'express success faultline with context': () =>
    serverOf(succeed, { before: (app) => app.use(requestContext), after: faultline }),
  'express 500 bare': () => serverOf(fail),
  'express 500 faultline': () =>
    serverOf(fail, { after: (app) => app.use(errorMiddleware({ logger: false })) }),
  'express logged 500 bare': () => serverOf(fail, { before: log, after: (app) => app.use(logError) }),
  'express logged 500 faultline': () => serverOf(fail, { before: log, after: faultline }),
  'express 404 bare': () => serverOf(failWithHttpError),
  'express 404 faultline': () =>
    serverOf(failWithProblem, { after: (app) => app.use(errorMiddleware({ problems, logger: false })) }),
  'express reported 500 sentry': async () => {
    const { captureException } = await import('./sentry.ts')
    const capture: ErrorRequestHandler = (error, _request, _response, next) => {
      captureException(error)
      next(error)
    }
    return serverOf(fail, { after: (app) => app.use(capture) })
  },
  'express reported 500 faultline': () =>
    serverOf(fail, { after: (app) => app.use(errorMiddleware({ reporter: silentReporter, logger: false })) }),
}

function faultline(app: Express): void {
  app.use(notFound)
  app.use(errorMiddleware)
}

function log(app: Express): void {
  app.use(pinoHttp({ logger: pino(pino.destination('/dev/null')) }))
}

export async function serverOf(
  handler: RequestHandler,
  { before, after }: { before?: (app: Express) => void; after?: (app: Express) => void } = {},
): Promise<Server> {
  const app = express()
  before?.(app)
  app.get('/', handler)
  after?.(app)
  // Express' own handler prints every stack with console.error unless it is called like this
  const answer = app as unknown as (...args: [IncomingMessage, ServerResponse, FinalHandler]) => void
  return createServer((request, response) =>
    answer(request, response, finalHandler(request, response, { env: 'production' })),
  )
}
