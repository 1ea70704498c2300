import type { OutgoingHttpHeaders } from 'node:http'
import type { ErrorHandler, HandledError } from '@faultline/core'
import { cutOff, isStaleHeader, mergedVary } from '@faultline/core/adapter'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FastifyErrorRequest } from './error-request.js'
import { setNextErrorHandler } from './internals.js'
import { isSameFailure } from './same-failure.js'

/** Answers an error with a problem. */
export function answerError(
  handler: ErrorHandler,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const handled = handler.handle(error, new FastifyErrorRequest(request, reply))
  if (reply.raw.headersSent) {
    cutOff(reply.raw)
  } else if (!handled.isSilent) {
    // Fastify would run hooks that have just failed again, then answer with a body of its own
    setNextErrorHandler(reply, (failure) => {
      // a hook that fails on every response has failed on this one for the same reason, and that is logged already
      if (!isSameFailure(error, failure))
        handler.handle(failure, new FastifyErrorRequest(request, reply, 'response-ended'))
      sendPastHooks(handled, reply)
    })
    send(handled, reply)
  }
}

function send(handled: HandledError, reply: FastifyReply): void {
  reply.code(handled.status)
  setHeaders(handled, reply)
  reply.serializer(asIs).send(handled.body)
}

/** The body is serialised already; without a serializer of its own, Fastify adds a charset, which JSON does not have. */
function asIs(body: unknown): string {
  return body as string
}

/** An onSend hook failed on the problem itself: the client gets it all the same, without the hooks and what they had begun. */
function sendPastHooks(handled: HandledError, reply: FastifyReply): void {
  reply.hijack()
  const { raw } = reply
  if (raw.headersSent) {
    cutOff(raw)
    return
  }
  setHeaders(handled, reply)
  const body = Buffer.from(handled.body)
  try {
    raw.writeHead(handled.status, {
      ...reply.getHeaders(),
      'content-length': body.length,
    } as OutgoingHttpHeaders)
  } catch {
    // one of the application's headers cannot be written, which is what has failed
    raw.writeHead(handled.status, { ...handled.headers, 'content-length': body.length })
  }
  raw.end(body)
}

/** Takes off what described another body, and puts the problem's own headers on. */
function setHeaders({ status, headers }: HandledError, reply: FastifyReply): void {
  for (const name in reply.getHeaders()) {
    if (isStaleHeader(name, status)) reply.removeHeader(name)
  }
  for (const name in headers) {
    const value = headers[name] as string | string[]
    reply.header(name, name === 'vary' ? mergedVary(reply.getHeader('vary'), String(value)) : value)
  }
}
