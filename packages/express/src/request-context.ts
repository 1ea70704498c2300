import { randomUUID } from 'node:crypto'
import { type Reporter, runWithContext } from '@faultline/core'
import { countRequest } from '@faultline/core/adapter'
import type { ErrorMiddlewareOptions } from './error-middleware.js'
import type { ExpressRequest, ExpressResponse, Middleware, Next } from './exchange.js'
import { follow } from './followed-requests.js'
import { routePattern } from './route-pattern.js'

/** What may go into a log as it is. */
const REQUEST_ID = /^[\w.:+/=@-]{1,128}$/

/**
 * Gives every request an id (`req.id` if it has one, else a sane `x-request-id`, else a UUID) and a context of its own, with its
 * trace, which follows detached tasks. The first `app.use`: either as it is, or called with options.
 * @param options Of these, `asyncContext: false` leaves AsyncLocalStorage out of it, and a `reporter` that counts requests is told of
 *   every answer that was sent to its end: nobody else sees those that are no errors.
 */
export function requestContext<Request = ExpressRequest>(
  options?: ErrorMiddlewareOptions<Request>,
): Middleware
export function requestContext(request: ExpressRequest, response: ExpressResponse, next: Next): void
export function requestContext(
  first: unknown,
  _response?: ExpressResponse,
  next?: Next,
): Middleware | undefined {
  if (next === undefined) return createMiddleware(first as ErrorMiddlewareOptions | undefined)
  followRequest(first as ExpressRequest, next, true)
  return undefined
}

function createMiddleware({ asyncContext = true, reporter }: ErrorMiddlewareOptions = {}): Middleware {
  if (reporter?.countRequest === undefined)
    return (request, _response, next) => followRequest(request, next, asyncContext)
  return (request, response, next) => {
    count(request, response, reporter)
    followRequest(request, next, asyncContext)
  }
}

const COUNTING = Symbol('faultline.counting')

/** With what its end is told by: a property costs a tenth of a WeakSet's entry. */
type CountedResponse = ExpressResponse & { [COUNTING]?: { request: ExpressRequest; reporter: Reporter } }

function count(request: ExpressRequest, response: CountedResponse, reporter: Reporter): void {
  if (response[COUNTING] !== undefined) return
  response[COUNTING] = { request, reporter }
  response.on('finish', countFinished)
}

function countFinished(this: CountedResponse): void {
  const { request, reporter } = this[COUNTING] as Required<CountedResponse>[typeof COUNTING]
  countRequest(reporter, routePattern(request), this.statusCode)
}

function followRequest(request: ExpressRequest, next: Next, hasAsyncContext: boolean): void {
  request.id ||= saneId(request.headers['x-request-id']) ?? randomUUID()
  const context = follow(request)
  if (context === undefined || !hasAsyncContext) next()
  else runWithContext(context, next)
}

function saneId(header: unknown): string | undefined {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : undefined
}
