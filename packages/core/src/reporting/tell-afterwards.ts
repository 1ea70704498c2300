import { ask, type Complain, tell } from '../handler/ask.js'
import type { HandledError } from '../handler/handled-error.js'
import type { Happening } from '../handler/happening.js'
import { serializeError } from '../thrown/serialize-error.js'
import { errorReport } from './error-report.js'
import { writeRecord, writeTo } from './log-record.js'

/**
 * Logs, reports and calls `onHandled`, in that order, once the code that is running now has written the response. None of them can
 * keep another from its turn.
 */
export function tellAfterwards(happening: Happening, handled: HandledError): void {
  queueMicrotask(() => {
    const { settings, request } = happening
    const { onHandled, reporter } = settings.options
    const now = new Date()
    const complain: Complain = (what, error) => lament(happening, what, error)
    tell('the logger', () => log(happening, handled), complain)
    if (handled.isReportable && reporter !== undefined) {
      tell('the reporter', () => reporter.report(reportOf(happening, handled, now)), complain)
    }
    if (onHandled !== undefined) {
      const occasion = { error: happening.thrown.value, request: request.native }
      tell('onHandled', () => onHandled(handled, occasion), complain)
    }
    for (const { what, error } of happening.complaints) lament(happening, what, error)
  })
}

function log(happening: Happening, handled: HandledError): unknown {
  const { request, settings, traceId } = happening
  const { logger } = settings.options
  return logger === false ? undefined : writeRecord(logger ?? request.logger, handled, request, traceId)
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
function lament({ settings, request, id }: Happening, what: string, error: unknown): void {
  const { logger } = settings.options
  const target = logger === false ? undefined : (logger ?? request.logger)
  if (target === undefined) return
  const failure = serializeError(error, { redactor: settings.redactor, bytes: 8192 })
  const message = `Faultline: ${what} failed: ${failure.message}`
  tell('the logger', () => writeTo(target, 'warning', { eventId: id, failure }, message), nobodyLeftToTell)
}

function nobodyLeftToTell(): void {}
