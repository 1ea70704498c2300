import type { Server } from 'node:http'
import type { createErrorHandler, ErrorReport, Reporter } from '@faultline/core'
import type { Express, RequestHandler } from 'express'
import type { FastifyInstance } from 'fastify'
import type { GoldenProblems } from './catalogue.js'

/** Options of the error handler and of both adapters. */
export type Options = NonNullable<Parameters<typeof createErrorHandler>[0]> & {
  notFound?: boolean
  methodNotAllowed?: boolean
  docs?: string
}

/** How one error-handling library is built into a service: ours, or a peer's. Hooks that a library lacks are left out. */
export interface Kit {
  name: string
  /** The errors that cases throw. */
  problems: GoldenProblems
  /** Defaults of every service's options. */
  options?(): Options
  createReporter?(): { reporter: Reporter; reports: ErrorReport[] }
  /** Options for the Fastify constructor, when a case wants protocol errors handled. */
  fastifyOptions?(options: Options): object
  onFastify?(app: FastifyInstance, options: Options): unknown
  beforeExpressRoutes?(app: Express, options: Options): void
  wrapExpressHandler?(handler: RequestHandler): RequestHandler
  afterExpressRoutes?(app: Express, options: Options): void
  /** Protocol errors of a Node server under Express. */
  onExpressServer?(server: Server, options: Options): void
}
