import type { Level, Severity } from '../catalogue/definition.js'
import type { ProblemDetails } from '../catalogue/problem-details.js'

/** An error, ready to be answered. */
export interface HandledError {
  /** The event's id, a UUIDv7; also in the log and in the report. */
  id: string
  status: number
  /** Lower-case names; without content-length. */
  headers: Readonly<Record<string, string | string[]>>
  /** The serialised body, JSON or HTML. */
  body: string
  /** What the body says. */
  problem: ProblemDetails
  severity: Severity
  level: Level
  isReportable: boolean
  /** Where the definition says what to do; for the log and the report. */
  runbook?: string | undefined
  /** The client has gone, or the response is already under way: do not write. */
  isSilent: boolean
  /** What the log shows as `err`; pino-http's own line wants the same. */
  readonly err: object
}
