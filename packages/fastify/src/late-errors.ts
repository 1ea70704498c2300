import type { ErrorHandler } from '@faultline/core'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { FastifyErrorRequest } from './error-request.js'

/**
 * What a handler throws after its reply was sent reaches no error handler: Fastify only logs it, or loses it. Routes that are
 * registered after the plugin have such errors logged and reported like all others.
 */
export function catchLateErrors(app: FastifyInstance, handler: ErrorHandler): void {
  app.addHook('onRoute', (route) => {
    route.handler = watched(route.handler, handler)
  })
}

const ORIGINAL = Symbol('faultline.original')

/** A route handler, or one that the plugin of an outer scope has put in its place: the inner scope's takes over. */
type WatchedHandler = RouteHandlerMethod & { [ORIGINAL]?: RouteHandlerMethod }

function watched(given: WatchedHandler, handler: ErrorHandler): RouteHandlerMethod {
  const original = given[ORIGINAL] ?? given
  const rethrowUnlessLate = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    if (!reply.sent) throw error
    handler.handle(error, new FastifyErrorRequest(request, reply, 'response-ended'))
  }
  const watch: RouteHandlerMethod = function (request, reply) {
    try {
      const result = original.call(this, request, reply)
      return isPlainPromise(result)
        ? result.then(undefined, (error) => rethrowUnlessLate(error, request, reply))
        : result
    } catch (error) {
      return rethrowUnlessLate(error, request, reply)
    }
  }
  // tracers read the name
  Object.defineProperty(watch, 'name', { value: original.name, configurable: true })
  return Object.assign(watch, { [ORIGINAL]: original })
}

/** Anything else with a `then` (a reply, a query that starts when it is awaited) is Fastify's to await, once. */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && value.then === Promise.prototype.then
}
