import { createErrorHandler, type ErrorHandler, type ErrorHandlerOptions } from '@faultline/core'
import { cutOff, sendHandled } from '@faultline/core/adapter'
import { ExpressErrorRequest } from './error-request.js'
import type { ErrorMiddleware, ExpressRequest, ExpressResponse, Next } from './exchange.js'
import { inContextOf } from './followed-requests.js'

/** Options of `errorMiddleware`; `notFound`, `requestContext` and `serverErrors` take the same object. */
export interface ErrorMiddlewareOptions<Request = ExpressRequest> extends ErrorHandlerOptions<Request> {
  /** `notFound` answers 405 with `Allow` where the path is known with another method. Default: `true`. */
  methodNotAllowed?: boolean
}

let defaultMiddleware: ErrorMiddleware | undefined

/**
 * Answers every error with a problem (RFC 9457), logs it once and hands it to the reporter. The last `app.use`: either as it is, or
 * called with options.
 * @throws InvalidOptions naming every mistake in the options.
 */
export function errorMiddleware<Request = ExpressRequest>(
  options?: ErrorMiddlewareOptions<Request>,
): ErrorMiddleware
export function errorMiddleware(
  error: unknown,
  request: ExpressRequest,
  response: ExpressResponse,
  next: Next,
): void
// Express counts these four parameters
export function errorMiddleware(
  first: unknown,
  request?: ExpressRequest,
  response?: ExpressResponse,
  next?: Next,
): ErrorMiddleware | undefined {
  if (request === undefined) return createMiddleware(first as ErrorMiddlewareOptions | undefined)
  defaultMiddleware ??= createMiddleware()
  defaultMiddleware(first, request, response as ExpressResponse, next as Next)
  return undefined
}

/** The options without those that are no business of core's. */
export function handlerOptions<Request>(
  options: ErrorMiddlewareOptions<Request>,
): ErrorHandlerOptions<Request> {
  const { methodNotAllowed: _, ...rest } = options
  return rest
}

function createMiddleware(options: ErrorMiddlewareOptions = {}): ErrorMiddleware {
  const handler = createErrorHandler(handlerOptions(options))
  return (error, request, response, _next) => answerError(handler, error, request, response)
}

function answerError(
  handler: ErrorHandler,
  error: unknown,
  request: ExpressRequest,
  response: ExpressResponse,
): void {
  const handle = (what: unknown) =>
    inContextOf(request, () => handler.handle(what, new ExpressErrorRequest(request, response)))
  const handled = handle(error)
  try {
    sendHandled(response, handled)
  } catch (failure) {
    // a middleware that has hooked itself into the response fails there, and would do so again
    handle(failure)
    cutOff(response)
  }
  // after the response, for it is not free; pino-http writes its line later still
  if (response.log !== undefined) response.err = handled.err
}
