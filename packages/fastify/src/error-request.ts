import type { ErrorRequest } from '@faultline/core'
import { responseState } from '@faultline/core/adapter'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What the error handler wants to know, from Fastify's request. Never throws. */
export function errorRequest(request: FastifyRequest, reply: FastifyReply): ErrorRequest {
  const { phase, isAborted } = responseState(request.raw, reply.raw)
  return {
    method: request.method,
    url: request.originalUrl,
    route: request.routeOptions.url,
    headers: request.headers,
    id: idOf(request),
    ip: ipOf(request),
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

/** `genReqId` is the application's, and may give anything. */
function idOf({ id }: { id: unknown }): string | undefined {
  return typeof id === 'object' || typeof id === 'function' ? undefined : String(id)
}

/** `trustProxy` may be a function of the application. */
function ipOf(request: FastifyRequest): string | undefined {
  try {
    return request.ip
  } catch {
    return undefined
  }
}
