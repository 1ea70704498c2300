import type { Writable } from 'node:stream'
import type { ErrorReport } from '@faultline/core'
import type express from 'express'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import type { Answer, Ask } from './ask.js'
import { ask, askOverHttp2 } from './ask.js'
import type { Route } from './exchange.js'
import { startExpress } from './express-service.js'
import { startFastify } from './fastify-service.js'
import type { Kit, Options } from './kit.js'
import type { LogLine } from './log-memory.js'
import { logMemory } from './log-memory.js'

export type Framework = 'fastify' | 'express5' | 'express4'
export const frameworks: readonly Framework[] = ['fastify', 'express5', 'express4']

/** A service in words that every framework understands, and what only one of them does. */
export interface ServiceDescription {
  routes?: Route[]
  options?: Options
  /** Fastify: over HTTP/2 without TLS. */
  isHttp2?: boolean
  /** Protocol errors are handled too. */
  hasServerErrors?: boolean
  /** When a slow request is given up. Default: the framework's own. */
  requestTimeoutMs?: number
  bodyLimitBytes?: number
  /** Fastify: the error handling is registered after the routes. */
  isRegisteredLast?: boolean
  /** Keeps no log lines: for many requests. */
  forgetsLogs?: boolean
  fastifyOptions?: FastifyServerOptions
  /** Runs before the neutral routes, after our plugin. */
  onFastify?(app: FastifyInstance): unknown
  /** Runs before the neutral routes, behind the logger and the body parser. */
  onExpress?(app: express.Express, express: ExpressModule): unknown
}

export type ExpressModule = typeof express

export interface Service {
  url: string
  port: number
  /** Every line that pino wrote, parsed. */
  logs: LogLine[]
  reports: ErrorReport[]
  ask(path: string, how?: Ask): Promise<Answer>
  close(): Promise<void>
}

/** What a driver gets. */
export interface DriverInput {
  framework: Framework
  description: ServiceDescription
  options: Options
  kit: Kit
  logStream: Writable
}

/** What a driver makes of a description. */
export interface Started {
  port: number
  close(): Promise<void>
}

/** Starts the described service on a free port, with the kit's error handling in it. */
export async function startService(
  framework: Framework,
  description: ServiceDescription,
  kit: Kit,
): Promise<Service> {
  const memory = logMemory(description.forgetsLogs)
  const recording = kit.createReporter?.()
  const options: Options = { ...kit.options?.(), reporter: recording?.reporter, ...description.options }
  const driver = framework === 'fastify' ? startFastify : startExpress
  const started = await driver({ framework, description, options, kit, logStream: memory.stream })
  const url = `http://127.0.0.1:${started.port}`
  return {
    url,
    port: started.port,
    logs: memory.lines,
    reports: recording?.reports ?? [],
    ask: (path, how) => (description.isHttp2 ? askOverHttp2(url, path, how) : ask(url, path, how)),
    close: started.close,
  }
}
