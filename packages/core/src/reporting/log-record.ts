import type { Level } from '../catalogue/definition.js'
import type { ErrorRequest, Logger } from '../handler/error-request.js'
import type { HandledError } from '../handler/handled-error.js'
import { clipJson } from '../thrown/json-budget.js'
import type { SerializedError } from '../thrown/serialize-error.js'
import { consoleLogger } from './console-logger.js'

const MESSAGE_BYTES = 512

/** Writes the one record of an error. Throws what the logger throws, and returns what it returns. */
export function writeRecord(
  logger: Logger | undefined,
  handled: HandledError,
  request: ErrorRequest,
  traceId: string | undefined,
): unknown {
  const err = handled.err as SerializedError
  const fields: Record<string, unknown> = { err, eventId: handled.id }
  if (request.id !== undefined && !request.hasLoggedId) fields.reqId = request.id
  if (traceId !== undefined) fields.traceId = traceId
  fields.method = request.method
  if (request.route !== undefined) fields.route = request.route
  fields.status = handled.status
  const { type, title } = handled.problem
  fields.problem = handled.runbook === undefined ? { type, title } : { type, title, runbook: handled.runbook }
  if (request.phase !== undefined && request.phase !== 'request') fields.phase = request.phase
  return writeTo(logger ?? consoleLogger, handled.level, fields, clipJson(err.message, MESSAGE_BYTES))
}

/** The glossary's level by the logger's name for it. */
export function writeTo(logger: Logger, level: Level, fields: object, message: string): unknown {
  if (level === 'warning') return logger.warn(fields, message)
  if (level === 'fatal')
    return typeof logger.fatal === 'function' ? logger.fatal(fields, message) : logger.error(fields, message)
  return logger[level](fields, message)
}
