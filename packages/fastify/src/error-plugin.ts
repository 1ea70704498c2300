import { createErrorHandler, type ErrorHandlerOptions, standardProblems } from '@faultline/core'
import { flushed } from '@faultline/core/adapter'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { answerError } from './answer-error.js'
import { followRequests } from './follow-requests.js'
import { handlerOptions } from './handler-options.js'
import { catchLateErrors } from './late-errors.js'
import { answerUnknownRoutes } from './not-found.js'
import { addProblemDocs } from './problem-docs.js'
import { addReplyProblem } from './reply-problem.js'
import { takeStreamErrors } from './stream-errors.js'

/** Options of `errorPlugin`: those of the error handler, and what only Fastify has. */
export interface ErrorPluginOptions extends ErrorHandlerOptions<FastifyRequest> {
  /** Answer unknown routes. With `false` the application sets its own not-found handler. Default: `true`. */
  notFound?: boolean
  /** Answer 405 with `Allow` where the path is known with another method. Default: `true`. */
  methodNotAllowed?: boolean
  /** Path under which the pages behind the `type` URIs are served. Default: none. */
  docs?: string
  /** Of Fastify's `register`; with it, unknown routes below the prefix are answered with these options. */
  prefix?: string
}

const OUTERMOST = Symbol('faultline.errorPlugin')

const plugin: FastifyPluginAsync<ErrorPluginOptions> = async (app, options) => {
  const handler = createErrorHandler<FastifyRequest>(handlerOptions(options))
  const { notFound = true, methodNotAllowed = true, docs, reporter } = options
  const isOutermost = !(OUTERMOST in app)

  app.setErrorHandler((error, request, reply) => answerError(handler, error, request, reply))
  catchLateErrors(app, handler)
  takeStreamErrors(app, handler)
  if (isOutermost) {
    Object.defineProperty(app, OUTERMOST, { value: true })
    addReplyProblem(app)
    if (options.asyncContext ?? true) followRequests(app)
  }
  if (notFound && (isOutermost || app.prefix !== '')) answerUnknownRoutes(app, { methodNotAllowed })
  if (docs !== undefined) addProblemDocs(app, docs, options.problems ?? standardProblems)
  if (reporter !== undefined) app.addHook('onClose', () => flushed(reporter))
}

/**
 * One line, and every error that a client can see is a problem (RFC 9457), logged once and handed to the reporter.
 * Registered again in a child scope, it overrides the options there.
 * @throws InvalidOptions naming every mistake in the options.
 */
export const errorPlugin: FastifyPluginAsync<ErrorPluginOptions> = fastifyPlugin(plugin, {
  fastify: '5.x',
  name: '@faultline/fastify',
})
