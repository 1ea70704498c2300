import type { Redactor } from '../redaction/redact.js'
import { JsonBudget } from '../thrown/json-budget.js'
import { plainJson } from '../thrown/plain-json.js'
import type { SerializedError } from '../thrown/serialize-error.js'
import type { ErrorReport, ReportedException } from './reporter.js'

const MAX_EXCEPTIONS = 50
const DATA_BYTES = 131_072

/** What a report is made of. */
export interface ReportSources {
  /** What we say of it ourselves. */
  head: Pick<ErrorReport, 'id' | 'occurredAt' | 'level' | 'severity' | 'handled' | 'mechanism' | 'phase'>
  err: SerializedError
  /** What others say of it: problem, request, context. */
  data: object
  thrown: unknown
  redactor: Redactor
}

/** A report that is plain, bounded and redacted, with the thrown value beside it. */
export function plainReport({ head, err, data, thrown, redactor }: ReportSources): ErrorReport {
  const report: Omit<ErrorReport, 'thrown'> = {
    ...head,
    platform: 'node',
    message: err.message,
    exceptions: exceptionsOf(err),
    ...(plainJson(data, new JsonBudget(DATA_BYTES), redactor) as Partial<ErrorReport>),
  }
  const safe = { ...redactor.hide(report), ...head } // which is ours, and no secret
  // not enumerable: whoever sends a report as JSON must not send what was thrown, which is not redacted
  return Object.defineProperty(safe, 'thrown', { value: thrown }) as ErrorReport
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
