import { standardProblems } from '@faultline/core'
import { allowedMethods } from './allowed-methods.js'
import type { ErrorMiddlewareOptions } from './error-middleware.js'
import type { ExpressRequest, ExpressResponse, Middleware, Next } from './exchange.js'

/**
 * Makes an error of a request that nothing has answered: 404, or 405 with `Allow` where the path has other methods. Stands behind
 * the routes and before `errorMiddleware`: either as it is, or called with options.
 *
 * Routes are read from the routers of the application. What cannot be read there (another application mounted with `app.use`, which
 * can use `notFound` itself) stays a 404.
 */
export function notFound<Request = ExpressRequest>(options?: ErrorMiddlewareOptions<Request>): Middleware
export function notFound(request: ExpressRequest, response: ExpressResponse, next: Next): void
export function notFound(first: unknown, _response?: ExpressResponse, next?: Next): Middleware | undefined {
  if (next === undefined) return createMiddleware(first as ErrorMiddlewareOptions | undefined)
  refuse(first as ExpressRequest, next, true)
  return undefined
}

function createMiddleware({ methodNotAllowed = true }: ErrorMiddlewareOptions = {}): Middleware {
  return (request, _response, next) => refuse(request, next, methodNotAllowed)
}

function refuse(request: ExpressRequest, next: Next, hasMethodNotAllowed: boolean): void {
  const allow = allowedMethods(request)
  const { MethodNotAllowed, NotFound } = standardProblems
  if (request.method === 'OPTIONS' && allow.length > 0) {
    next() // Express answers by itself when everybody has passed on
  } else if (hasMethodNotAllowed && allow.some((method) => method !== 'OPTIONS')) {
    next(new MethodNotAllowed({ allow })) // CORS routes have OPTIONS on every path, which makes none of them known
  } else {
    next(new NotFound())
  }
}
