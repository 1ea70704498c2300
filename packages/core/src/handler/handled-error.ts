import type { Level, Severity } from '../catalogue/definition.js'
import type { ProblemDetails } from '../catalogue/problem-details.js'

/** An error, ready to be answered. */
export interface HandledError {
  /** The event's id, a UUIDv7; also in the log and in the report. */
  readonly id: string
  readonly status: number
  /** Lower-case names; without content-length. */
  readonly headers: Readonly<Record<string, string | string[]>>
  /** The serialised body, JSON or HTML. */
  readonly body: string
  /** What the body says. */
  readonly problem: ProblemDetails
  readonly severity: Severity
  readonly level: Level
  readonly isReportable: boolean
  /** Where the definition says what to do; for the log and the report. */
  readonly runbook?: string | undefined
  /** The client has gone, or the response is already under way: do not write. */
  readonly isSilent: boolean
  /** What the log shows as `err`; pino-http's own line wants the same. */
  readonly err: object
}
