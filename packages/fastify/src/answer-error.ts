import type { OutgoingHttpHeaders } from 'node:http'
import type { ErrorHandler, ErrorRequest, HandledError } from '@faultline/core'
import { cutOff, isStaleHeader, mergedVary, responseState } from '@faultline/core/adapter'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { setNextErrorHandler } from './internals.js'

/** Answers an error with a problem. */
export function answerError(
  handler: ErrorHandler,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const handled = handler.handle(error, errorRequest(request, reply))
  if (reply.raw.headersSent) cutOff(reply.raw)
  else if (!handled.isSilent) send(handled, handler, reply)
}

/** What the error handler wants to know, from Fastify's request. */
export function errorRequest(request: FastifyRequest, reply: FastifyReply): ErrorRequest {
  const { phase, isAborted } = responseState(request.raw, reply.raw)
  return {
    method: request.method,
    url: request.originalUrl,
    route: request.routeOptions.url,
    headers: request.headers,
    id: String(request.id),
    ip: request.ip,
    status: reply.statusCode,
    phase,
    isAborted,
    httpVersion: request.raw.httpVersionMajor === 2 ? '2' : '1.1',
    startedAt: performance.now() - reply.elapsedTime,
    native: request,
    logger: request.log,
    hasLoggedId: true,
  }
}

function send(handled: HandledError, handler: ErrorHandler, reply: FastifyReply): void {
  for (const name in reply.getHeaders()) {
    if (isStaleHeader(name, handled.status)) reply.removeHeader(name)
  }
  reply.code(handled.status)
  for (const name in handled.headers) {
    const value = handled.headers[name] as string | string[]
    reply.header(name, name === 'vary' ? mergedVary(reply.getHeader('vary'), String(value)) : value)
  }
  // Fastify would run hooks that have just failed again, then answer with a body of its own
  setNextErrorHandler(reply, (error, request) => sendPastHooks(error, request, reply, handler, handled))
  reply.serializer(asIs).send(handled.body)
}

/** The body is serialised already; without a serializer of its own, Fastify adds a charset, which JSON does not have. */
function asIs(body: unknown): string {
  return body as string
}

/** An onSend hook failed on the problem itself: the client gets it all the same, without the hooks. */
function sendPastHooks(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  handler: ErrorHandler,
  handled: HandledError,
): void {
  if (!isSameFailure(error, handled))
    handler.handle(error, { ...errorRequest(request, reply), phase: 'response-ended' })
  reply.hijack()
  const { raw } = reply
  if (raw.headersSent) {
    cutOff(raw)
    return
  }
  const body = Buffer.from(handled.body)
  const headers = {
    ...reply.getHeaders(),
    'content-type': handled.headers['content-type'],
    'content-length': body.length,
  }
  raw.writeHead(handled.status, headers as OutgoingHttpHeaders)
  raw.end(body)
}

/** A hook that fails on every response has failed on this one for the same reason, and that is logged already. */
function isSameFailure(error: unknown, handled: HandledError): boolean {
  const { message } = handled.err as { message?: unknown }
  return error instanceof Error && error.message === message
}
