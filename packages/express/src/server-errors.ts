import { answerClientErrors, type ClientSocket } from '@faultline/core/adapter'
import { type ErrorMiddlewareOptions, handlerOptions } from './error-middleware.js'

type CoreArguments = Parameters<typeof answerClientErrors>

/** A server of `node:http` or `node:https`. */
export interface ClientErrorServer {
  on(event: 'clientError', listener: (error: Error, socket: ClientSocket) => void): unknown
}

/**
 * Answers what never becomes a request: bad request lines (400), too large headers (431), slow requests (408).
 * @param server What `app.listen()` returns.
 * @param options The same as the error middleware's.
 * @throws InvalidOptions naming every mistake in the options.
 */
export function serverErrors<Request>(
  server: ClientErrorServer,
  options: ErrorMiddlewareOptions<Request> = {},
): void {
  answerClientErrors(server as CoreArguments[0], handlerOptions(options) as CoreArguments[1])
}
