import type { Reporter } from '@faultline/core'
import { countRequest } from '@faultline/core/adapter'
import type { FastifyInstance, FastifyReply } from 'fastify'

const REPORTER = Symbol('faultline.countingReporter')

type Counting = FastifyInstance & { [REPORTER]: Reporter }

/** Has a reporter count each answered request, once: that of the innermost scope around its route which has one that counts. */
export function countRequests(app: FastifyInstance, reporter: Reporter): void {
  if (reporter.countRequest === undefined) return
  const isOutermost = !(REPORTER in app)
  Object.defineProperty(app, REPORTER, { value: reporter, configurable: true })
  if (!isOutermost) return
  app.addHook('onResponse', ({ server, routeOptions }, reply, done) => {
    countRequest((server as Counting)[REPORTER], routeOptions.url, reply.statusCode)
    done()
  })
}

/** The same for a request that no hook will see, because the router has refused it. */
export function countUnrouted(reply: FastifyReply, reporter: Reporter): void {
  reply.raw.once('finish', () => countRequest(reporter, undefined, reply.statusCode))
}
