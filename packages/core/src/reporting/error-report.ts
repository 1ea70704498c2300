import { currentContext, type RequestContext } from '../context/request-context.js'
import type { ErrorRequest } from '../handler/error-request.js'
import type { HandledError } from '../handler/handled-error.js'
import type { Redactor } from '../redaction/redact.js'
import { JsonBudget } from '../thrown/json-budget.js'
import { plainJson } from '../thrown/plain-json.js'
import type { SerializedError } from '../thrown/serialize-error.js'
import type { ErrorReport, ReportedException, ReportedRequest } from './reporter.js'

const MAX_EXCEPTIONS = 50
const CONTEXT_BYTES = 65_536
const HEADER_BYTES = 1024

/** What goes with an error besides itself. */
export interface ReportParts {
  handled: HandledError
  request: ErrorRequest
  thrown: unknown
  now: Date
  context: RequestContext | undefined
  traceId: string | undefined
  redactor: Redactor
}

/** The report of a handled error: plain and redacted, with the thrown value beside it. */
export function errorReport(parts: ReportParts): ErrorReport {
  const { handled, request, redactor } = parts
  const err = handled.err as SerializedError
  const report: ErrorReport = {
    id: handled.id,
    occurredAt: parts.now.toISOString(),
    level: handled.level,
    severity: handled.severity,
    handled: false,
    mechanism: 'http',
    platform: 'node',
    message: err.message,
    exceptions: exceptionsOf(err),
    problem:
      handled.runbook === undefined ? handled.problem : { ...handled.problem, runbook: handled.runbook },
    request: reportedRequest(request, handled.status, redactor),
    ...safeContext({ ...currentContext(), ...parts.context }, redactor),
    thrown: parts.thrown,
  }
  if (request.phase !== undefined && request.phase !== 'request') report.phase = request.phase
  return report
}

/** The thrown one first, then its causes; members of an AggregateError point to it. */
function exceptionsOf(err: SerializedError): ReportedException[] {
  const exceptions: ReportedException[] = []
  const add = (one: SerializedError, parent: number | undefined) => {
    if (exceptions.length >= MAX_EXCEPTIONS) return
    const { type, message, stack, code, cause, aggregateErrors, ...meta } = one
    const index = exceptions.length
    exceptions.push({
      type,
      message,
      ...(stack && { stack }),
      ...(code !== undefined && { code }),
      ...(parent !== undefined && { parent }),
    })
    if (Object.keys(meta).length > 0) (exceptions[index] as ReportedException).meta = meta
    if (cause) add(cause, parent)
    for (const member of aggregateErrors ?? []) add(member, index)
  }
  add(err, undefined)
  return exceptions
}

function reportedRequest(request: ErrorRequest, status: number, redactor: Redactor): ReportedRequest {
  const reported: ReportedRequest = { method: request.method, status }
  const [path, query] = splitUrl(request.url)
  if (path !== undefined) reported.url = redactor.text(path)
  if (query !== undefined) reported.query = redactor.text(query)
  if (request.id !== undefined) reported.id = request.id
  if (request.route !== undefined) reported.route = request.route
  if (request.ip !== undefined) reported.ip = request.ip
  if (request.startedAt !== undefined)
    reported.durationMs = Math.max(0, performance.now() - request.startedAt)
  if (request.headers !== undefined) reported.headers = safeHeaders(request.headers, redactor)
  const userAgent = reported.headers?.['user-agent']
  if (userAgent !== undefined) reported.userAgent = userAgent
  return reported
}

function splitUrl(url: string | undefined): [string?, string?] {
  if (url === undefined) return []
  const clipped = url.slice(0, 4096)
  const mark = clipped.indexOf('?')
  return mark === -1 ? [clipped] : [clipped.slice(0, mark), clipped.slice(mark + 1)]
}

function safeHeaders(
  headers: NonNullable<ErrorRequest['headers']>,
  redactor: Redactor,
): Record<string, string> {
  const safe: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    const text = typeof value === 'string' ? value : value.join(', ')
    safe[name] = redactor.isSensitiveKey(name) ? '[Filtered]' : redactor.text(text.slice(0, HEADER_BYTES))
  }
  return safe
}

/** Users keep their e-mail and address; everything else in a context is text of unknown origin. */
function safeContext(context: RequestContext, redactor: Redactor): RequestContext {
  const budget = new JsonBudget(CONTEXT_BYTES)
  const safe: Record<string, unknown> = {}
  for (const name of ['user', 'tenant', 'trace', 'tags', 'extra', 'breadcrumbs'] as const) {
    const value = context[name]
    if (value === undefined) continue
    const isIdentity = name === 'user' || name === 'tenant' || name === 'trace'
    safe[name] = plainJson(value, budget, isIdentity ? undefined : redactor)
  }
  return safe as RequestContext
}
