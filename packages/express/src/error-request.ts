import type { ErrorRequest, Logger, Phase } from '@faultline/core'
import { responseState } from '@faultline/core/adapter'
import type { ExpressRequest, ExpressResponse } from './exchange.js'
import { startOf } from './followed-requests.js'
import { routePattern } from './route-pattern.js'

/** What the error handler wants to know, from Express' request. What only the log and the report want is read when they want it. */
export class ExpressErrorRequest implements ErrorRequest {
  readonly native: ExpressRequest
  readonly phase: Phase
  readonly isAborted: boolean
  readonly status: number

  constructor(request: ExpressRequest, response: ExpressResponse) {
    const { phase, isAborted } = responseState(request, response)
    this.native = request
    this.phase = phase
    this.isAborted = isAborted
    this.status = response.statusCode
  }

  get method(): string {
    return this.native.method
  }

  get url(): string {
    return this.native.originalUrl ?? this.native.url
  }

  get route(): string | undefined {
    return routePattern(this.native)
  }

  get headers(): ExpressRequest['headers'] {
    return this.native.headers
  }

  get id(): string | undefined {
    const { id } = this.native
    return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
  }

  /** The setting `trust proxy` may be a function of the application. */
  get ip(): string | undefined {
    try {
      return this.native.ip
    } catch {
      return undefined
    }
  }

  get httpVersion(): '1.1' | '2' {
    return this.native.httpVersionMajor === 2 ? '2' : '1.1'
  }

  get startedAt(): number | undefined {
    return startOf(this.native)
  }

  get logger(): Logger | undefined {
    const { log } = this.native
    return isLogger(log) ? log : undefined
  }

  /** pino-http with `quietReqLogger` binds `reqId`; twice in one record it would be invalid to some readers of JSON. */
  get hasLoggedId(): boolean {
    const logger = this.logger as { bindings?: () => object } | undefined
    try {
      return 'reqId' in (logger?.bindings?.() ?? {})
    } catch {
      return false
    }
  }
}

function isLogger(log: unknown): log is Logger {
  const logger = log as Partial<Logger> | null | undefined
  return typeof logger?.error === 'function' && typeof logger.warn === 'function'
}
