import type { Socket } from 'node:net'
import { createErrorHandler } from '@faultline/core'
import { answerClientError } from '@faultline/core/adapter'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerError } from './answer-error.js'
import { countUnrouted } from './count-requests.js'
import { type ErrorPluginOptions, handlerOptions } from './plugin-options.js'

const REQUEST_TIMEOUT_MS = 30_000

/** What `serverErrors` adds to Fastify's options; the same for http, https and http2. */
export interface ServerErrorOptions {
  // biome-ignore lint/suspicious/noExplicitAny: each kind of server has its own types of request and reply
  frameworkErrors: (error: FastifyError, request: any, reply: any) => void
  clientErrorHandler: (error: Error & { code: string }, socket: Socket) => void
  /** Milliseconds. */
  requestTimeout: number
}

/**
 * Server options for the errors that come before any route: bad URLs, bad request lines, too large headers, slow requests.
 * @param options The same as the plugin's; `requestTimeout` in milliseconds, default 30 000.
 * @throws InvalidOptions naming every mistake in the options.
 */
export function serverErrors(
  options: ErrorPluginOptions & { requestTimeout?: number } = {},
): ServerErrorOptions {
  const { requestTimeout = REQUEST_TIMEOUT_MS, ...pluginOptions } = options
  const { reporter } = pluginOptions
  const handler = createErrorHandler<FastifyRequest>(handlerOptions(pluginOptions))
  return {
    frameworkErrors(error, request: FastifyRequest, reply: FastifyReply) {
      if (reporter !== undefined) countUnrouted(reply, reporter)
      answerError(handler, error, request, reply)
    },
    clientErrorHandler(this: FastifyInstance | undefined, error: Error & { code: string }, socket: Socket) {
      answerClientError(handler, error, socket, this?.log)
    },
    requestTimeout,
  }
}
