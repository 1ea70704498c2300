import { standardProblems } from '@faultline/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import findMyWay, { type HTTPMethod } from 'find-my-way'
import { fastifyErrors } from './errors.js'
import { isDocsRoute } from './problem-docs.js'

/** Answers what no route answers: 404, or 405 with `Allow` where the path has other methods. */
export function answerUnknownRoutes(app: FastifyInstance, options: { methodNotAllowed: boolean }): void {
  const allowed = options.methodNotAllowed ? rememberMethods(app) : () => []
  try {
    app.setNotFoundHandler((request, reply) => {
      const allow = allowed(request)
      const { MethodNotAllowed, NotFound } = standardProblems
      answer(reply, allow.length > 0 ? new MethodNotAllowed({ allow }) : new NotFound())
    })
  } catch (error) {
    throw rephrased(error)
  }
  const { setNotFoundHandler } = app
  app.setNotFoundHandler = function (this: FastifyInstance, ...args: never[]) {
    try {
      return (setNotFoundHandler as (...args: never[]) => FastifyInstance).apply(this, args)
    } catch (error) {
      throw rephrased(error)
    }
  } as typeof app.setNotFoundHandler
}

function answer(reply: FastifyReply, problem: Error): void {
  reply.send(problem)
}

/** Which methods a path has: asked of a router of our own, for Fastify shows nobody its own. */
function rememberMethods(app: FastifyInstance): (request: FastifyRequest) => string[] {
  const { ignoreTrailingSlash, caseSensitive, ignoreDuplicateSlashes } = app.initialConfig
  const router = findMyWay({
    ignoreTrailingSlash,
    caseSensitive,
    ignoreDuplicateSlashes,
    allowUnsafeRegex: true,
  })
  const methods = new Set<HTTPMethod>()
  app.addHook('onRoute', (route) => {
    if (isDocsRoute(route)) return
    for (const method of [route.method].flat() as HTTPMethod[]) {
      methods.add(method)
      if (!router.hasRoute(method, route.url)) router.on(method, route.url, () => undefined)
    }
  })
  return (request) => {
    const path = request.raw.url?.split('?', 1)[0] ?? '/'
    const allow = [...methods].filter(
      (method) => method !== request.method && router.find(method, path) !== null,
    )
    return allow.every((method) => method === 'OPTIONS') ? [] : allow // CORS answers OPTIONS on every path
  }
}

/** Fastify says that there are two handlers, and not what to do. */
function rephrased(error: unknown): unknown {
  const { message } = error as Error
  if (!/not found handler already set/i.test(message)) return error
  return new fastifyErrors.NotFoundHandlerTwice({ cause: error })
}
