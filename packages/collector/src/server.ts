import type { AddressInfo } from 'node:net'
import type { Reporter } from '@faultline/core'
import { errorPlugin, serverErrors } from '@faultline/fastify'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { cannotListen } from './cannot-start.js'
import type { CollectorConfig } from './config.js'
import { inTime } from './in-time.js'
import { rewriteIntakeUrl } from './intake/rewrite-intake-url.js'

/** Longer than the 60 s of most load balancers, so that it is not us who close a connection while a request is on its way. */
const KEEP_ALIVE_MS = 72_000
/** For a client to send all of a request. */
const REQUEST_MS = 60_000

export interface ServerParts {
  config: CollectorConfig
  log: FastifyBaseLogger
  reporter: Reporter
}

/** The HTTP server, still without routes: its errors are problems, logged once and reported to the collector itself. */
export async function createServer({ config, log, reporter }: ServerParts): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.trustProxy as boolean | string, // a number of proxies too, which the types leave out
    bodyLimit: config.bodyLimitBytes,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    rewriteUrl: ({ url = '/' }) => rewriteIntakeUrl(url),
    ...serverErrors({ reporter, requestTimeout: REQUEST_MS }),
  })
  await app.register(errorPlugin, { reporter })
  return app
}

/**
 * Listens, and says on which port.
 * @throws CannotStart
 */
export async function listen(app: FastifyInstance, { host, port }: CollectorConfig): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, { host, port })
  }
  return (app.server.address() as AddressInfo).port
}

/** Takes no more, and lets open requests finish for a while. */
export async function closeServer(app: FastifyInstance, timeoutMs: number): Promise<void> {
  const closing = app.close()
  if (await inTime(closing, timeoutMs)) return
  app.log.warn('Requests that were still open have been cut off.')
  app.server.closeAllConnections()
  await closing
}
