import type { Level, Severity } from '../catalogue/definition.js'
import type { ProblemDetails } from '../catalogue/problem-details.js'
import type { RequestContext } from '../context/request-context.js'
import type { Phase } from '../handler/error-request.js'

/** One exception of a report: `[0]` is what was thrown, then its causes; members of an AggregateError name their parent. */
export interface ReportedException {
  type: string
  message: string
  code?: string | number
  /** Index of the AggregateError that this one belongs to. */
  parent?: number
  /** The stack as V8 writes it, redacted; the SDK makes frames of it. */
  stack?: string
  meta?: Record<string, unknown>
}

/** The request of a report. Header values and query are redacted. */
export interface ReportedRequest {
  id?: string
  method: string
  route?: string
  /** Path without the query. */
  url?: string
  query?: string
  headers?: Record<string, string>
  ip?: string
  userAgent?: string
  status: number
  durationMs?: number
}

/**
 * An error event without what only the SDK knows (service, environment, release, host, runtime), and the thrown value beside it.
 * Everything but `thrown` is plain, bounded and redacted.
 */
export interface ErrorReport extends RequestContext {
  /** UUIDv7; the same as in the problem's `instance` and in the log. */
  id: string
  /** RFC 3339, milliseconds. */
  occurredAt: string
  level: Level
  /** Left out where no definition says it; the collector grades the event then. */
  severity?: Severity
  handled: boolean
  mechanism: 'http' | 'process' | 'guard' | 'manual' | 'log'
  platform: 'node'
  message?: string
  exceptions: ReportedException[]
  problem?: ProblemDetails
  request?: ReportedRequest
  phase?: Phase
  /** What the collector is to group by instead of its own; `{{ default }}` stands for that. */
  fingerprint?: string[]
  /** As it was thrown, not redacted; not enumerable, so that no JSON has it. */
  readonly thrown: unknown
}

/** As much of a thrown value as tells it apart from others. */
export interface RepeatedError
  extends Pick<ErrorReport, 'id' | 'thrown'>,
    Pick<ReportedException, 'type' | 'code' | 'stack'> {}

/** Where errors are handed to. None of its methods may throw or wait for anything but `flush` and `close`. */
export interface Reporter {
  report(report: ErrorReport): void
  /** Counts an error like many before it, of which no report is to be made: in a storm, that is most of the work. `true` when it did. */
  countRepeat?(error: RepeatedError): boolean
  /** Counts one answered request, for error rates. */
  countRequest?(route: string, statusCode: number): void
  /** Sends what is waiting. `false` when the time ran out. Default time-out: the reporter's own, in milliseconds. */
  flush(timeoutMs?: number): Promise<boolean>
  /** Flushes, then takes no more. */
  close(timeoutMs?: number): Promise<boolean>
}

/** One reporter out of several; one that throws or rejects keeps nothing from the others. */
export function combineReporters(...reporters: readonly Reporter[]): Reporter {
  const each = (tell: (reporter: Reporter) => void) => {
    for (const reporter of reporters) {
      try {
        tell(reporter)
      } catch {
        // the others must hear of it all the same
      }
    }
  }
  const all = async (ask: (reporter: Reporter) => Promise<boolean>) => {
    const answers = await Promise.allSettled(reporters.map(async (reporter) => ask(reporter)))
    return answers.every((answer) => answer.status === 'fulfilled' && answer.value)
  }
  return {
    report: (report) => each((reporter) => reporter.report(report)),
    countRequest: (route, statusCode) => each((reporter) => reporter.countRequest?.(route, statusCode)),
    flush: (timeoutMs) => all((reporter) => reporter.flush(timeoutMs)),
    close: (timeoutMs) => all((reporter) => reporter.close(timeoutMs)),
  }
}
