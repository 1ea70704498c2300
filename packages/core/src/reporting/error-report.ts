import { currentContext, type RequestContext } from '../context/request-context.js'
import type { TraceContext } from '../context/trace.js'
import type { ErrorRequest } from '../handler/error-request.js'
import type { HandledError } from '../handler/handled-error.js'
import type { Redactor } from '../redaction/redact.js'
import { JsonBudget } from '../thrown/json-budget.js'
import { plainJson } from '../thrown/plain-json.js'
import type { SerializedError } from '../thrown/serialize-error.js'
import { attempt } from '../thrown/thrown.js'
import type { ErrorReport, ReportedException, ReportedRequest } from './reporter.js'

const MAX_EXCEPTIONS = 50
const DATA_BYTES = 131_072
const URL_LENGTH = 4096
const HEADER_LENGTH = 1024

/** What goes with an error besides itself. */
export interface ReportParts {
  handled: HandledError
  request: ErrorRequest
  thrown: unknown
  now: Date
  /** What the option `context` says. */
  context: RequestContext | undefined
  trace: TraceContext | undefined
  redactor: Redactor
}

/** The report of a handled error: plain, bounded and redacted, with the thrown value beside it. */
export function errorReport(parts: ReportParts): ErrorReport {
  const { handled, request, redactor } = parts
  const { runbook } = handled
  const err = handled.err as SerializedError
  const data = {
    problem: runbook === undefined ? handled.problem : { ...handled.problem, runbook },
    request: reportedRequest(request, handled.status),
    ...mergedContext(parts),
  }
  const report: Omit<ErrorReport, 'thrown'> = {
    id: handled.id,
    occurredAt: parts.now.toISOString(),
    level: handled.level,
    severity: handled.severity,
    handled: false,
    mechanism: 'http',
    platform: 'node',
    message: err.message,
    exceptions: exceptionsOf(err),
    ...(plainJson(data, new JsonBudget(DATA_BYTES), redactor) as Partial<ErrorReport>),
  }
  if (request.phase !== undefined && request.phase !== 'request') report.phase = request.phase
  const safe = redactor.hide(report)
  // not enumerable: whoever sends a report as JSON must not send what was thrown, which is not redacted
  return Object.defineProperty({ ...safe }, 'thrown', { value: parts.thrown }) as ErrorReport
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

function reportedRequest(request: ErrorRequest, status: number): ReportedRequest {
  const { method, id, route, ip, startedAt } = request
  const [url, query] = splitUrl(request.url)
  const headers = request.headers && readableHeaders(request.headers)
  const durationMs = startedAt === undefined ? undefined : Math.max(0, performance.now() - startedAt)
  return {
    method,
    status,
    url,
    query,
    id,
    route,
    ip,
    durationMs,
    headers,
    userAgent: headers?.['user-agent'],
  }
}

function splitUrl(url: string | undefined): [string?, string?] {
  if (url === undefined) return []
  const clipped = url.slice(0, URL_LENGTH)
  const mark = clipped.indexOf('?')
  return mark === -1 ? [clipped] : [clipped.slice(0, mark), clipped.slice(mark + 1)]
}

function readableHeaders(headers: NonNullable<ErrorRequest['headers']>): Record<string, string> {
  const readable: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    readable[name] = (typeof value === 'string' ? value : value.join(', ')).slice(0, HEADER_LENGTH)
  }
  return readable
}

/** As `addContext` does it: tags and extras are added, the rest is replaced. */
function mergedContext({ context, trace }: ReportParts): RequestContext {
  const known = currentContext()
  const said = attempt(() => ({ ...context }))
  return {
    user: known?.user ?? said?.user,
    tenant: known?.tenant ?? said?.tenant,
    trace: trace ?? known?.trace,
    tags: merged(said?.tags, known?.tags),
    extra: merged(said?.extra, known?.extra),
    breadcrumbs: known?.breadcrumbs,
  }
}

function merged<Members extends object>(
  known: Members | undefined,
  said: Members | undefined,
): Members | undefined {
  return known && said ? attempt(() => ({ ...known, ...said })) : (said ?? known)
}
