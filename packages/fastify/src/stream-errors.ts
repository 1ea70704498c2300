import type { ErrorHandler } from '@faultline/core'
import { cutOff } from '@faultline/core/adapter'
import type { FastifyInstance } from 'fastify'
import { FastifyErrorRequest } from './error-request.js'
import { replaceLogController } from './internals.js'

/**
 * A stream that fails in the middle of the body never reaches an error handler: Fastify closes the connection and writes a line of
 * its own. Ours takes the place of that line, so that the error is logged with its context and reported.
 */
export function takeStreamErrors(app: FastifyInstance, handler: ErrorHandler): void {
  replaceLogController(app, (controller) =>
    Object.create(controller, {
      streamError: {
        value: (...args: Parameters<typeof controller.streamError>) => {
          const [error, request, reply] = args
          if (isPrematureClose(error)) controller.streamError(...args)
          else {
            handler.handle(error, new FastifyErrorRequest(request, reply, 'response-started'))
            cutOff(reply.raw)
          }
        },
      },
    }),
  )
}

/** The client has gone: no error of this service. */
function isPrematureClose(error: Error & { code?: unknown }): boolean {
  return error.code === 'ERR_STREAM_PREMATURE_CLOSE'
}
