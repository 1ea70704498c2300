import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Reporter } from '@faultline/core'
import { errorPlugin, serverErrors } from '@faultline/fastify'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Callers } from './access/callers.js'
import type { KeyRing } from './access/key-ring.js'
import { createRequireRole } from './access/require-role.js'
import type { SignIn } from './access/sign-in.js'
import { newHashedToken } from './access/tokens.js'
import { type ApiWrites, apiPlugin } from './api/api-plugin.js'
import { healthPlugin } from './api/health.js'
import type { LiveHub } from './api/live-hub.js'
import { type MetricsOptions, metricsPlugin } from './api/metrics.js'
import { schemasPlugin } from './api/schemas.js'
import { ALL_MISTAKES } from './api/validation.js'
import { welcomePlugin } from './api/welcome.js'
import type { Books } from './books.js'
import { cannotListen } from './cannot-start.js'
import type { CollectorConfig } from './config.js'
import { inTime } from './in-time.js'
import { intakePlugin } from './intake/intake-plugin.js'
import type { Pressure } from './intake/limits.js'
import { rewriteIntakeUrl } from './intake/rewrite-intake-url.js'
import type { Queue } from './queue/queue.js'
import type { Remote, StoreReader } from './store/store.js'
import { followCertificate, readCertificate } from './tls.js'

/** Longer than the 60 s of most load balancers, so that it is not us who close a connection while a request is on its way. */
const KEEP_ALIVE_MS = 72_000
/** For a client to send all of a request. */
const REQUEST_MS = 60_000
/** An event can be asked for by the instance of its problem, which is a URI of any length: Fastify's 100 would be a 404 that is none. */
const MAX_PARAMETER_LENGTH = 4096

export interface ServerParts {
  config: CollectorConfig
  log: FastifyBaseLogger
  reporter: Reporter
  /** Milliseconds since 1970. */
  now(): number
  /** What DSNs name. */
  publicUrl(): string
  queue: Queue
  keys: KeyRing
  callers: Callers
  signIn: SignIn
  reads: Remote<StoreReader>
  writes: ApiWrites
  live: LiveHub
  readBooks(): Promise<Books>
  pressure(): Pressure | undefined
  onRefused(reason: string): void
  metricsText: MetricsOptions['metricsText']
  /** What keeps the collector from doing its work, each in a sentence. */
  troubles(): string[]
}

/** The HTTP server with all its routes: its errors are problems, logged once and reported to the collector itself. */
export async function createServer(parts: ServerParts): Promise<FastifyInstance> {
  const { config, reads, reporter, now } = parts
  const app = bareServer(parts)
  await app.register(errorPlugin, { reporter })
  await app.register(intakePlugin, {
    queue: parts.queue,
    findKey: parts.keys.find,
    pressure: parts.pressure,
    rateLimit: config.rateLimit,
    bodyLimitBytes: config.bodyLimitBytes,
    newId: randomUUID,
    now,
    clock: () => performance.now(),
    onRefused: ({ reason }) => parts.onRefused(reason),
  })
  await app.register(apiPlugin, {
    prefix: '/api/v1',
    reads,
    writes: parts.writes,
    live: parts.live,
    readBooks: parts.readBooks,
    newToken: newHashedToken,
    keysChanged: parts.keys.forget,
    tokensChanged: parts.callers.forget,
    requireRole: createRequireRole(parts.callers),
    signIn: parts.signIn,
    publicUrl: parts.publicUrl,
    now,
  })
  await app.register(welcomePlugin, { signIn: parts.signIn, publicUrl: parts.publicUrl })
  await app.register(metricsPlugin, { metricsText: parts.metricsText })
  await app.register(healthPlugin, { troubles: parts.troubles })
  await app.register(schemasPlugin)
  const unfollow = followCertificate(app.server, config, { log: parts.log })
  app.addHook('onClose', async () => unfollow())
  return app
}

function bareServer({ config, log, reporter }: ServerParts): FastifyInstance {
  return Fastify({
    loggerInstance: log.child({}),
    logController: new LogController({ disableRequestLogging: true }),
    ...httpsOptions(config),
    trustProxy: config.trustProxy,
    bodyLimit: config.bodyLimitBytes,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    rewriteUrl: ({ url = '/' }) => rewriteIntakeUrl(url),
    ...ALL_MISTAKES,
    ...serverErrors({ reporter, requestTimeout: REQUEST_MS }),
  })
}

/** The types of a server of https differ, what is done with it does not. */
function httpsOptions(config: CollectorConfig): object {
  const https = readCertificate(config)
  return https === undefined ? {} : { https }
}

/**
 * Listens, and says on which port.
 * @throws CannotStart
 */
export async function listen(app: FastifyInstance, { host, port }: CollectorConfig): Promise<number> {
  const { level } = app.log
  try {
    if (level === 'info') app.log.level = 'warn' // else a line for each address of the machine
    await app.listen({ host, port })
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, { host, port })
  } finally {
    app.log.level = level
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
