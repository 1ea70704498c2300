import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * Two things that Fastify 5 has no public way for, reached through symbols that are found by their description. Where a later
 * Fastify has other ones, nothing breaks: Fastify's own behaviour is back, and the tests of this file say so.
 */
const NEXT_ERROR_HANDLER = 'fastify.reply.nextErrorHandler'
const LOG_CONTROLLER = 'fastify.logController'

type FastifyErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void

/** Fastify's writer of its own log lines. */
export interface LogController {
  streamError(error: Error, request: FastifyRequest, reply: FastifyReply, metadata?: object): void
}

let nextErrorHandler: symbol | undefined

/** Who is asked when sending the current error's answer fails. */
export function setNextErrorHandler(reply: FastifyReply, handler: FastifyErrorHandler): void {
  nextErrorHandler ??= findSymbol(reply, NEXT_ERROR_HANDLER)
  if (nextErrorHandler !== undefined)
    (reply as unknown as Record<symbol, unknown>)[nextErrorHandler] = { func: handler }
}

/** Replaces the log controller of a scope by what is made of it. */
export function replaceLogController(
  app: FastifyInstance,
  replace: (controller: LogController) => LogController,
): void {
  let owner: object | null = app
  let symbol: symbol | undefined
  while (owner !== null && symbol === undefined) {
    symbol = findSymbol(owner, LOG_CONTROLLER)
    owner = Object.getPrototypeOf(owner)
  }
  if (symbol === undefined) return
  const scope = app as unknown as Record<symbol, LogController>
  Object.defineProperty(scope, symbol, {
    value: replace(scope[symbol] as LogController),
    configurable: true,
    writable: true,
  })
}

function findSymbol(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description)
}
