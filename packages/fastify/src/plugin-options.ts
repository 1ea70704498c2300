import type { ErrorHandlerOptions } from '@faultline/core'
import { checkOptions, isBoolean, type OptionCheck } from '@faultline/core/adapter'
import type { FastifyRequest } from 'fastify'

/** Options of `errorPlugin`: those of the error handler, and what only Fastify has. */
export interface ErrorPluginOptions extends ErrorHandlerOptions<FastifyRequest> {
  /** Answer unknown routes. With `false` the application sets its own not-found handler. Default: `true`. */
  notFound?: boolean
  /** Answer 405 with `Allow` where the path is known with another method. Default: `true`. */
  methodNotAllowed?: boolean
  /** Path under which the pages behind the `type` URIs are served. Default: none. */
  docs?: string
  /** Of Fastify's `register`; with it, unknown routes below the prefix are answered with these options. */
  prefix?: string
}

const isPath: OptionCheck = (value) =>
  typeof value === 'string' && value.startsWith('/') ? undefined : 'must be a path that begins with /'
const isAnything: OptionCheck = () => undefined

/** What only the adapter has; the last three are `register`'s. */
const CHECKS = {
  notFound: isBoolean,
  methodNotAllowed: isBoolean,
  docs: isPath,
  prefix: isAnything,
  logLevel: isAnything,
  logSerializers: isAnything,
}

/**
 * The options without those that are no business of core's.
 * @throws InvalidOptions naming every mistake in any of them.
 */
export function handlerOptions(options: ErrorPluginOptions): ErrorHandlerOptions<FastifyRequest> {
  checkOptions(options, CHECKS)
  const own = Object.entries(options).filter(([name]) => !Object.hasOwn(CHECKS, name))
  return Object.fromEntries(own)
}
