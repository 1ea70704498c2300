import { defaultInstance } from '../answer/instance.js'
import type { Level, Severity } from '../catalogue/definition.js'
import { definitionOf } from '../catalogue/problem-error.js'
import { newEventId } from '../context/event-id.js'
import { joinedContext } from '../context/joined-context.js'
import { knownEventId } from '../context/known-event-id.js'
import { currentContext, type RequestContext } from '../context/request-context.js'
import { createRedactor, type RedactOptions } from '../redaction/redact.js'
import { serializeError } from '../thrown/serialize-error.js'
import { attempt, isObject, Thrown } from '../thrown/thrown.js'
import { plainReport } from './plain-report.js'
import type { ErrorReport } from './reporter.js'

const MAX_FINGERPRINT = 20
const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** What is said of an error that no error handler has answered. */
export interface ThrownReportOptions {
  mechanism: Exclude<ErrorReport['mechanism'], 'http'>
  handled: boolean
  /** Default: the problem's own, else `error`. */
  level?: Level | undefined
  /** Default: the id it was reported under before, else a new one. */
  id?: string | undefined
  /** Default: the clock's. */
  now?: Date | undefined
  /** More than the current context says, and before it. */
  context?: Omit<RequestContext, 'breadcrumbs'> | undefined
  fingerprint?: readonly string[] | undefined
  /** As the error handler's; its paths begin at the report. */
  redact?: RedactOptions | undefined
}

/**
 * The report of an error outside of the HTTP error handler: with the current context, plain, bounded and redacted.
 * @param thrown Whatever `throw` or `reject` gave. This never throws.
 */
export function thrownReport(thrown: unknown, options: ThrownReportOptions): ErrorReport {
  const { mechanism, handled, now = new Date(), redact } = options
  const id = options.id ?? knownEventId(thrown) ?? newEventId()
  const once = new Thrown(thrown)
  const problem = attempt(() => ownProblem(once, id))
  const head = {
    id,
    occurredAt: now.toISOString(),
    level: options.level ?? problem?.level ?? 'error',
    ...(problem && { severity: problem.severity }),
    handled,
    mechanism,
  }
  const data = {
    problem: problem?.details,
    fingerprint: fingerprintOf(options.fingerprint),
    ...joinedContext(currentContext(), options.context),
  }
  const err = serializeError(once, { redact })
  return plainReport({ head, err, data, thrown, redactor: createRedactor(redact) })
}

/** Is it worth a report? What its definition says; anything else is. */
export function isReportable(thrown: unknown): boolean {
  return attempt(() => ownDefinition(new Thrown(thrown))?.shouldReport) ?? true
}

/** What another service answered says nothing of how bad it is for us. */
function ownDefinition(thrown: Thrown) {
  return thrown.read('origin') === 'remote' ? undefined : definitionOf(thrown.value)
}

function ownProblem(thrown: Thrown, id: string) {
  const definition = ownDefinition(thrown)
  if (definition === undefined) return undefined
  const { type, title, status, runbook, level } = definition
  const extensions = thrown.read('extensions')
  const details = {
    type,
    title,
    status,
    detail: thrown.readText('detail'),
    instance: thrown.readText('instance') ?? defaultInstance(id),
    errors: thrown.read('errors'),
    runbook,
  }
  const own = thrown.readText('severity') as Severity
  const severity = SEVERITIES.includes(own) ? own : definition.severity
  return { level, severity, details: { ...(isObject(extensions) && extensions), ...details } }
}

function fingerprintOf(parts: readonly string[] | undefined): string[] | undefined {
  const texts = attempt(() => parts?.filter((part) => typeof part === 'string').slice(0, MAX_FINGERPRINT))
  return texts?.length ? texts : undefined
}
