import type { ErrorRequest, Logger } from '@faultline/core'
import { responseState } from '@faultline/core/adapter'
import type { ExpressRequest, ExpressResponse } from './exchange.js'
import { startOf } from './followed-requests.js'
import { routePattern } from './route-pattern.js'

/** What the error handler wants to know, from Express' request. */
export function errorRequest(request: ExpressRequest, response: ExpressResponse): ErrorRequest {
  const { phase, isAborted } = responseState(request, response)
  const logger = isLogger(request.log) ? request.log : undefined
  return {
    method: request.method,
    url: request.originalUrl ?? request.url,
    route: routePattern(request),
    headers: request.headers,
    id: idOf(request),
    ip: ipOf(request),
    status: response.statusCode,
    phase,
    isAborted,
    httpVersion: request.httpVersionMajor === 2 ? '2' : '1.1',
    startedAt: startOf(request),
    native: request,
    logger,
    // asked after the response, for pino parses its bindings to tell
    get hasLoggedId() {
      return logger !== undefined && hasBoundId(logger)
    },
  }
}

function idOf({ id }: ExpressRequest): string | undefined {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
}

/** The setting `trust proxy` may be a function of the application. */
function ipOf(request: ExpressRequest): string | undefined {
  try {
    return request.ip
  } catch {
    return undefined
  }
}

function isLogger(log: unknown): log is Logger {
  const logger = log as Partial<Logger> | null | undefined
  return typeof logger?.error === 'function' && typeof logger.warn === 'function'
}

/** pino-http with `quietReqLogger` binds `reqId`; twice in one record it would be invalid to some readers of JSON. */
function hasBoundId(logger: Logger & { bindings?: () => object }): boolean {
  try {
    return 'reqId' in (logger.bindings?.() ?? {})
  } catch {
    return false
  }
}
