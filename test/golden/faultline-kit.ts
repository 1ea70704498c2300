import type { ErrorReport, Reporter } from '@faultline/core'
import { recordingReporter } from '@faultline/core/testing'
import {
  asyncHandler,
  errorMiddleware,
  notFound,
  serverErrors as onServer,
  requestContext,
} from '@faultline/express'
import { errorPlugin, serverErrors } from '@faultline/fastify'
import { problems } from './catalogue.js'
import type { Kit } from './kit.js'

/** Faultline, built in as its READMEs say. */
export const faultlineKit: Kit = {
  name: 'faultline',
  problems,
  options: () => ({ problems }),
  createReporter,
  fastifyOptions: (options) => serverErrors(options),
  onFastify: (app, options) => app.register(errorPlugin, options),
  beforeExpressRoutes: (app) => app.use(requestContext),
  wrapExpressHandler: (handler) => asyncHandler(handler),
  afterExpressRoutes(app, options) {
    if (options.notFound !== false) app.use(notFound(options))
    app.use(errorMiddleware(options))
  },
  onExpressServer: (server, options) => onServer(server, options),
}

function createReporter(): { reporter: Reporter; reports: ErrorReport[] } {
  const reporter = recordingReporter()
  return { reporter, reports: reporter.reports }
}
