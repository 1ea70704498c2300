import { InternalServerError } from '@common-sense/error-iq'
import { errorHandler, notFoundHandler } from '@common-sense/error-iq/express'
import { registerFastifyHandler } from '@common-sense/error-iq/fastify'
import type { GoldenProblems, Kit } from '../golden.ts'
import { type Asked, peerProblems } from '../peer-problems.ts'
import { logErrors } from './log-errors.ts'

/** Built in as its README says. Its Fastify handler replaces the one that logs, hence the hook. */
export function errorIqKit(problems: GoldenProblems): Kit {
  return {
    name: '@common-sense/error-iq',
    problems: peerProblems(problems, makeError),
    onFastify(app) {
      registerFastifyHandler(app)
      app.addHook('onError', async (request, _reply, error) => request.log.error(error))
    },
    afterExpressRoutes(app) {
      app.use(notFoundHandler())
      app.use(logErrors)
      app.use(errorHandler())
    },
  }
}

/** Its classes are one a status; their common base, with the same fields, is not exported. */
function makeError({ status, type, title, detail, instance, extensions, headers }: Asked): Error {
  const error = new InternalServerError({ detail, instance, extensions })
  return Object.assign(error, {
    status,
    type,
    title,
    wwwAuthenticate: headers['www-authenticate'],
    retryAfter: headers['retry-after'],
  })
}
