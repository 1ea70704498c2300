import { joinedContext } from '../context/joined-context.js'
import { currentContext, type RequestContext } from '../context/request-context.js'
import type { TraceContext } from '../context/trace.js'
import type { ErrorRequest } from '../handler/error-request.js'
import type { HandledError } from '../handler/handled-error.js'
import type { Redactor } from '../redaction/redact.js'
import type { SerializedError } from '../thrown/serialize-error.js'
import { plainReport, type ReportSources } from './plain-report.js'
import type { ErrorReport, ReportedRequest } from './reporter.js'

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
  const { handled, request, thrown, redactor } = parts
  const { runbook } = handled
  const head: ReportSources['head'] = {
    id: handled.id,
    occurredAt: parts.now.toISOString(),
    level: handled.level,
    severity: handled.severity,
    handled: false,
    mechanism: 'http',
  }
  if (request.phase !== undefined && request.phase !== 'request') head.phase = request.phase
  const context = joinedContext(parts.context, currentContext())
  const data = {
    problem: runbook === undefined ? handled.problem : { ...handled.problem, runbook },
    request: reportedRequest(request, handled.status),
    ...context,
    trace: parts.trace ?? context.trace,
  }
  return plainReport({ head, err: handled.err as SerializedError, data, thrown, redactor })
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
