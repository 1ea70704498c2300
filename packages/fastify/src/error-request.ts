import type { ErrorRequest, Logger, Phase } from '@faultline/core'
import { responseState } from '@faultline/core/adapter'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * What the error handler wants to know, from Fastify's request. What only the log and the report want is read when they want it: some
 * of Fastify's own getters cost as much as the rest of an error.
 */
export class FastifyErrorRequest implements ErrorRequest {
  readonly native: FastifyRequest
  readonly phase: Phase
  readonly isAborted: boolean
  readonly status: number
  readonly hasLoggedId = true
  readonly #reply: FastifyReply

  /** @param phase Where Fastify knows better than its response looks. */
  constructor(request: FastifyRequest, reply: FastifyReply, phase?: Phase) {
    const state = responseState(request.raw, reply.raw)
    this.native = request
    this.phase = phase ?? state.phase
    this.isAborted = state.isAborted
    this.status = reply.statusCode
    this.#reply = reply
  }

  get method(): string {
    return this.native.method
  }

  get url(): string {
    return this.native.originalUrl
  }

  get route(): string | undefined {
    return this.native.routeOptions.url
  }

  get headers(): FastifyRequest['headers'] {
    return this.native.headers
  }

  /** `genReqId` is the application's, and may give anything. */
  get id(): string | undefined {
    const id: unknown = this.native.id
    return typeof id === 'object' || typeof id === 'function' ? undefined : String(id)
  }

  /** `trustProxy` may be a function of the application. */
  get ip(): string | undefined {
    try {
      return this.native.ip
    } catch {
      return undefined
    }
  }

  get httpVersion(): '1.1' | '2' {
    return this.native.raw.httpVersionMajor === 2 ? '2' : '1.1'
  }

  get startedAt(): number {
    return performance.now() - this.#reply.elapsedTime
  }

  get logger(): Logger {
    return this.native.log
  }
}
