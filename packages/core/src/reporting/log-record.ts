import type { Level } from '../catalogue/definition.js'
import type { ErrorRequest, Logger } from '../handler/error-request.js'
import type { HandledError } from '../handler/handled-error.js'
import type { Happening } from '../handler/happening.js'
import type { Redactor } from '../redaction/redact.js'
import { clipJson } from '../thrown/json-budget.js'
import type { SerializedError } from '../thrown/serialize-error.js'

const MESSAGE_BYTES = 512
const PATH_LENGTH = 256

/** Of pino and winston: what is below a logger's level need not be made. */
interface LevelledLogger extends Logger {
  isLevelEnabled?(method: string): unknown
  trace?: unknown
}

/** Writes the one record of an error. Throws what the logger throws, and returns what it returns. */
export function writeRecord(logger: Logger, happening: Happening, handled: HandledError): unknown {
  const { request, traceId, settings } = happening
  const err = handled.err as SerializedError
  const fields: Record<string, unknown> = { err, eventId: handled.id }
  if (request.id !== undefined && !hasLoggedId(logger, request)) fields.reqId = request.id
  if (traceId !== undefined) fields.traceId = traceId
  fields.method = request.method
  if (request.route !== undefined) fields.route = request.route
  else if (request.url !== undefined) fields.path = pathOf(request.url, settings.redactor)
  fields.status = handled.status
  const { type, title } = handled.problem
  fields.problem = handled.runbook === undefined ? { type, title } : { type, title, runbook: handled.runbook }
  if (request.phase !== undefined && request.phase !== 'request') fields.phase = request.phase
  const record = settings.redactor.hide(fields)
  return writeTo(logger, handled.level, record, clipJson(err.message, MESSAGE_BYTES))
}

/** Does the logger write this level? One that cannot tell does. */
export function wants(logger: LevelledLogger, level: Level): boolean {
  try {
    const method = methodFor(logger, level)
    if (logger[method] === logger.trace) return false // pino, and Fastify without a logger, have one empty function for all
    return typeof logger.isLevelEnabled !== 'function' || logger.isLevelEnabled(method) !== false
  } catch {
    return true
  }
}

/** The glossary's level by the logger's name for it. */
export function writeTo(logger: Logger, level: Level, fields: object, message: string): unknown {
  return (logger as Required<Logger>)[methodFor(logger, level)](fields, message)
}

function methodFor(logger: Logger, level: Level): keyof Logger {
  if (level === 'warning') return 'warn'
  return level === 'fatal' && typeof logger.fatal !== 'function' ? 'error' : level
}

/** Only the request's own logger has the id bound to it. */
function hasLoggedId(logger: Logger, request: ErrorRequest): boolean {
  return logger === request.logger && request.hasLoggedId === true
}

/** What no route has matched can only be named by its path; the query is left out. */
function pathOf(url: string, redactor: Redactor): string {
  return redactor.text((url.split('?', 1)[0] as string).slice(0, PATH_LENGTH))
}
