import Boom from '@hapi/boom'
import type { ErrorRequestHandler } from 'express'
import type { GoldenProblems, Kit } from '../golden.ts'
import { type Asked, peerProblems } from '../peer-problems.ts'
import { logErrors } from './log-errors.ts'

/** boom is hapi's; on Express its output is sent by a few lines that everybody writes. */
export function boomKit(problems: GoldenProblems): Kit {
  return {
    name: '@hapi/boom',
    problems: peerProblems(problems, makeBoom),
    afterExpressRoutes(app) {
      app.use((_request, _response, next) => next(Boom.notFound()))
      app.use(logErrors)
      app.use(sendOutput)
    },
  }
}

function makeBoom({ status, text, type, extensions, headers }: Asked): Boom.Boom {
  const boom = new Boom.Boom(text, { statusCode: status })
  Object.assign(boom.output.payload, extensions, { type })
  Object.assign(boom.output.headers, headers)
  return boom
}

const sendOutput: ErrorRequestHandler = (error, _request, response, next) => {
  if (!Boom.isBoom(error) || response.headersSent) return next(error)
  const { statusCode, headers, payload } = error.output
  response.status(statusCode).set(headers).json(payload)
}
