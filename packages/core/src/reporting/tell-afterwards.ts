import { ask, type Complain, tell } from '../handler/ask.js'
import type { Logger } from '../handler/error-request.js'
import type { HandledError } from '../handler/handled-error.js'
import type { Happening } from '../handler/happening.js'
import { serializeError } from '../thrown/serialize-error.js'
import { consoleLogger } from './console-logger.js'
import { errorReport } from './error-report.js'
import { wants, writeRecord, writeTo } from './log-record.js'

/** Complaints about an error itself: no callback of the application has failed. */
const WARNINGS = /^(?:trustStatus$|the header |the extension )/

/**
 * Logs, reports and calls `onHandled`, in that order, once the code that is running now has written the response. None of them can
 * keep another from its turn.
 */
export function tellAfterwards(happening: Happening, handled: HandledError): void {
  queueMicrotask(() => {
    const { settings, request } = happening
    const { onHandled, reporter } = settings.options
    const now = new Date()
    const complain: Complain = (what, error) => logFailure(happening, what, error)
    tell('the logger', () => log(happening, handled), complain)
    if (handled.isReportable && reporter !== undefined) {
      tell('the reporter', () => reporter.report(reportOf(happening, handled, now)), complain)
    }
    if (onHandled !== undefined) {
      const occasion = { error: happening.thrown.value, request: request.native }
      tell('onHandled', () => onHandled(handled, occasion), complain)
    }
    for (const { what, error } of happening.complaints) logFailure(happening, what, error)
  })
}

function log(happening: Happening, handled: HandledError): unknown {
  const logger = loggerOf(happening)
  return logger && writeRecord(logger, handled, happening.request, happening.traceId)
}

/** The application's, the request's own, or the console; `undefined` where nothing is to be logged. */
function loggerOf({ settings, request }: Happening): Logger | undefined {
  const { logger } = settings.options
  return logger === false ? undefined : (logger ?? request.logger ?? consoleLogger)
}

function reportOf(happening: Happening, handled: HandledError, now: Date) {
  const { request, settings, thrown, traceId, complain } = happening
  const { context } = settings.options
  const said = context && ask('context', () => context(request.native), complain)
  return errorReport({
    handled,
    request,
    thrown: thrown.value,
    now,
    context: said ?? undefined,
    traceId,
    redactor: settings.redactor,
  })
}

/** A failing callback of the application is logged beside the error, under a name that no log search mistakes for it. */
function logFailure(happening: Happening, what: string, error: unknown): void {
  const write = () => {
    const logger = loggerOf(happening)
    if (logger === undefined || !wants(logger, 'warning')) return undefined
    const failure = serializeError(error, { redactor: happening.settings.redactor, bytes: 8192 })
    const said = WARNINGS.test(what) ? what : `${what} failed`
    const message = `Faultline: ${said}: ${failure.message}`
    return writeTo(logger, 'warning', { eventId: happening.id, failure }, message)
  }
  tell('the logger', write, nobodyLeftToTell)
}

function nobodyLeftToTell(): void {}
