import type { Server } from 'node:http'
import { errorMiddleware, notFound, requestContext } from '@faultline/express'
import type { Express } from 'express'
import { serverOf } from '../http/express-servers.ts'
import type { Listener } from './servers.ts'

/** A service that logs nothing. */
export async function expressServer(handler: () => object, { reporter, sentry }: Listener): Promise<Server> {
  const options = { reporter, logger: false } as const
  const before = (app: Express) => app.use(requestContext(options))
  const after = (app: Express) => app.use(notFound(options), errorMiddleware(options))
  const handle = (_request: unknown, response: { json(body: object): unknown }) =>
    void response.json(handler())
  return serverOf(
    handle,
    sentry ? { after: (app) => sentry.setupExpressErrorHandler(app) } : { before, after },
  )
}
