import type { Level } from '../catalogue/definition.js'
import { ask, type Complain, tell } from '../handler/ask.js'
import type { Logger } from '../handler/error-request.js'
import type { HandledError } from '../handler/handled-error.js'
import type { Complaint, Happening } from '../handler/happening.js'
import { serializeError } from '../thrown/serialize-error.js'
import { attempt } from '../thrown/thrown.js'
import { consoleLogger } from './console-logger.js'
import { errorReport } from './error-report.js'
import { wants, writeRecord, writeTo } from './log-record.js'
import type { RepeatedError, Reporter } from './reporter.js'

const soon = Promise.resolve() // its microtasks cost a third of queueMicrotask's, which makes an AsyncResource for each

/**
 * Logs, reports and calls `onHandled`, in that order, once the code that is running now has written the response. None of them can
 * keep another from its turn.
 */
export function tellAfterwards(happening: Happening, handled: HandledError): void {
  const { settings, complaints } = happening
  const { onHandled, reporter } = settings.options
  const logger = loggerOf(happening, handled.level)
  const listener = handled.isReportable ? reporter : undefined
  if (logger ?? listener ?? onHandled ?? complaints[0]) {
    soon.then(() => tellAll(happening, handled, logger, listener))
  }
}

function tellAll(
  happening: Happening,
  handled: HandledError,
  logger: Logger | undefined,
  reporter: Reporter | undefined,
): void {
  const { settings, request, thrown } = happening
  const { onHandled } = settings.options
  const now = new Date()
  const complain: Complain = (what, error) => logComplaint(happening, { what, error, isWarning: false })
  if (logger) tell('the logger', () => writeRecord(logger, happening, handled), complain)
  if (reporter) tell('the reporter', () => reportTo(reporter, happening, handled, now), complain)
  if (onHandled) {
    const occasion = { error: thrown.value, request: request.native }
    tell('onHandled', () => onHandled(handled, occasion), complain)
  }
  for (const complaint of happening.complaints) logComplaint(happening, complaint)
}

function reportTo(reporter: Reporter, happening: Happening, handled: HandledError, now: Date): unknown {
  return (
    attempt(() => reporter.countRepeat?.(repeatedError(happening))) ||
    reporter.report(reportOf(happening, handled, now))
  )
}

function repeatedError({ id, thrown }: Happening): RepeatedError {
  const code = thrown.read('code')
  return {
    id,
    type: thrown.typeName(),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    stack: thrown.readText('stack'),
    thrown: thrown.value,
  }
}

/** The application's, the request's own, or the console; `undefined` where nothing of this level is to be logged. */
function loggerOf({ settings, request }: Happening, level: Level): Logger | undefined {
  const { logger } = settings.options
  const chosen = logger === false ? undefined : (logger ?? request.logger ?? consoleLogger)
  return chosen !== undefined && wants(chosen, level) ? chosen : undefined
}

function reportOf(happening: Happening, handled: HandledError, now: Date) {
  const { request, settings, thrown, trace, complain } = happening
  const { context } = settings.options
  const said = context && ask('context', () => context(request.native), complain)
  return errorReport({
    handled,
    request,
    thrown: thrown.value,
    now,
    context: said ?? undefined,
    trace,
    redactor: settings.redactor,
  })
}

/** A complaint is logged beside the error, under a name that no log search mistakes for it. */
function logComplaint(happening: Happening, { what, error, isWarning }: Complaint): void {
  const logger = loggerOf(happening, 'warning')
  if (logger === undefined) return
  const failure = serializeError(error, { redact: happening.settings.options.redact, bytes: 8192 })
  const message = `Faultline: ${what}${isWarning ? '' : ' failed'}: ${failure.message}`
  tell(
    'the logger',
    () => writeTo(logger, 'warning', { eventId: happening.id, failure }, message),
    nobodyLeftToTell,
  )
}

function nobodyLeftToTell(): void {}
