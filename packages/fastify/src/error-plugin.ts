import { createErrorHandler, standardProblems } from '@faultline/core'
import { flushed } from '@faultline/core/adapter'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { answerError } from './answer-error.js'
import { countRequests } from './count-requests.js'
import { followRequests } from './follow-requests.js'
import { catchLateErrors } from './late-errors.js'
import { answerUnknownRoutes } from './not-found.js'
import { type ErrorPluginOptions, handlerOptions } from './plugin-options.js'
import { addProblemDocs } from './problem-docs.js'
import { addReplyProblem } from './reply-problem.js'
import { takeStreamErrors } from './stream-errors.js'

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
  if (reporter !== undefined) {
    countRequests(app, reporter)
    app.addHook('onClose', () => flushed(reporter))
  }
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
