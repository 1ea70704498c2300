import type { ErrorHandler } from '@faultline/core'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { errorRequest } from './answer-error.js'

/**
 * What a handler throws after its reply was sent reaches no error handler: Fastify only logs it, or loses it. Routes that are
 * registered after the plugin have such errors logged and reported like all others.
 */
export function catchLateErrors(app: FastifyInstance, handler: ErrorHandler): void {
  app.addHook('onRoute', (route) => {
    route.handler = watched(route.handler, handler)
  })
}

const WATCHED = Symbol('faultline.watched')

function watched(
  routeHandler: RouteHandlerMethod & { [WATCHED]?: true },
  handler: ErrorHandler,
): RouteHandlerMethod {
  if (routeHandler[WATCHED]) return routeHandler
  const watch: RouteHandlerMethod & { [WATCHED]?: true } = function (request, reply) {
    try {
      const result = routeHandler.call(this, request, reply)
      return isPromise(result, reply)
        ? result.then(undefined, (error) => rethrowUnlessLate(error, request, reply, handler))
        : result
    } catch (error) {
      return rethrowUnlessLate(error, request, reply, handler)
    }
  }
  watch[WATCHED] = true
  return watch
}

/** A reply can be awaited as well, but only ends when the response does. */
function isPromise(value: unknown, reply: FastifyReply): value is Promise<unknown> {
  return value !== reply && typeof (value as Promise<unknown> | undefined)?.then === 'function'
}

function rethrowUnlessLate(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  handler: ErrorHandler,
): void {
  if (!reply.sent) throw error
  handler.handle(error, { ...errorRequest(request, reply), phase: 'response-ended' })
}
