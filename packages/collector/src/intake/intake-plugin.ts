import { standardProblems } from '@faultline/core'
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  RouteHandlerMethod,
} from 'fastify'
import { ClientGone } from './body-reader.js'
import { checkBatchBody } from './check-batch-body.js'
import { checkEnvelopeBody, checkSecurityBody, checkStoreBody } from './check-sentry-bodies.js'
import { allowAllOrigins, answerPreflight } from './cross-origin.js'
import { type Door, Intake, type IntakeOptions } from './intake.js'
import { answerErrorsAsSentry } from './sentry-errors.js'

const FLUSH_INTERVAL_MS = 1000
const OTHER_METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']

const batch: Door = { protocol: 'faultline', format: 'batch', checkBody: checkBatchBody }
const envelope: Door = { protocol: 'sentry', format: 'envelope', checkBody: checkEnvelopeBody }
const store: Door = { protocol: 'sentry', format: 'store', checkBody: checkStoreBody }
const security: Door = { protocol: 'sentry', format: 'security', checkBody: checkSecurityBody }

const NATIVE_ADDRESSES: [string, Door][] = [['/api/:project(^\\d+$)/events', batch]]
const SENTRY_ADDRESSES: [string, Door][] = [
  ['/api/:project(^\\d+$)/envelope', envelope],
  ['/api/:project(^\\d+$)/store', store],
  ['/api/store', store],
  ['/api/:project(^\\d+$)/security', security],
  ['/api/:project(^\\d+$)/csp-report', security],
]

/**
 * The addresses that take error events: our own, and Sentry's. The server around it has the `errorPlugin`, and `rewriteIntakeUrl` as
 * its `rewriteUrl`. What intake has refused is handed to the queue every second, and when the server closes: close the queue after it.
 */
export const intakePlugin: FastifyPluginAsync<IntakeOptions> = async (app, options) => {
  const intake = new Intake(options)
  flushTally(app, intake, options)
  await app.register(async (scope) => addAddresses(scope, intake, NATIVE_ADDRESSES))
  await app.register(async (scope) => {
    answerErrorsAsSentry(scope)
    addAddresses(scope, intake, SENTRY_ADDRESSES)
  })
}

function addAddresses(app: FastifyInstance, intake: Intake, addresses: [string, Door][]): void {
  takeBodiesAsTheyAre(app)
  allowAllOrigins(app)
  for (const [path, door] of addresses) {
    const handler = takeAt(intake, door)
    for (const url of [path, `${path}/`]) {
      app.post(url, handler)
      app.options(url, (_request, reply) => answerPreflight(reply))
      app.route({ method: OTHER_METHODS, url, handler: refuseMethod })
    }
  }
}

function takeAt(intake: Intake, door: Door): RouteHandlerMethod {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    try {
      const { status, answer } = await intake.take(request, door)
      return reply.code(status).header('content-type', 'application/json').send(answer)
    } catch (error) {
      if (!(error instanceof ClientGone)) throw error
      return reply.hijack()
    }
  }
}

/** Clients send any content type, or one that is none, which Fastify would refuse: nothing here depends on it. */
function takeBodiesAsTheyAre(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.addHook('onRequest', (request, _reply, done) => {
    request.headers['content-type'] = undefined
    done()
  })
}

function refuseMethod(): never {
  throw new standardProblems.MethodNotAllowed({ allow: ['POST', 'OPTIONS'] })
}

function flushTally(app: FastifyInstance, { tally }: Intake, { now }: IntakeOptions): void {
  const timer = setInterval(() => {
    // what there is no room for stays in the tally, and the queue tells whoever asks how it is
    tally.flush(now()).catch(() => undefined)
  }, FLUSH_INTERVAL_MS)
  timer.unref()
  app.addHook('onClose', async () => {
    clearInterval(timer)
    await tally.flush(now()).catch((err) => app.log.warn({ err }, 'what was refused last is not counted'))
  })
}
