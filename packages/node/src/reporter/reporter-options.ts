import type { Level, Logger, RedactOptions } from '@faultline/core'
import type { BeforeSend } from '../event/finish-event.js'

/** Options of `createReporter`. Every one has a default; what names the service comes from the environment, if not from here. */
export interface ReporterOptions {
  /** Where events go. Default: `FAULTLINE_DSN`; without one nothing is reported. */
  dsn?: string | undefined
  /** `false`: a reporter that does nothing, and costs nothing. Default: `FAULTLINE_ENABLED`, else `true`. */
  enabled?: boolean | undefined
  /** Default: `FAULTLINE_SERVICE`, else the name in package.json. */
  service?: string | undefined
  /** Default: `FAULTLINE_ENVIRONMENT`, `NODE_ENV`, else `production`. */
  environment?: string | undefined
  /** Default: `FAULTLINE_RELEASE`, else the beginning of the commit. */
  release?: string | undefined
  /** Default: `FAULTLINE_COMMIT`, the platform's variable, else what git has checked out. */
  commit?: string | undefined
  /** What the server behind the DSN speaks. Default: `faultline`; `sentry` for any Sentry-compatible server. */
  protocol?: 'faultline' | 'sentry' | undefined
  /** The last word on an event: it comes back, changed or not, or `null` drops it. One that throws costs the event its extras. */
  beforeSend?: BeforeSend | undefined
  /** More to hide than the suite's list, in every event; paths begin at the event: `request.headers.x-tenant`. Default: none. */
  redact?: RedactOptions | undefined
  /** Errors that are not reported: a text in `Type: message`, or an expression that matches it. Default: none. */
  ignoreErrors?: readonly (string | RegExp)[] | undefined
  /** The part of errors that is reported, 0 to 1, for all or by level. Default: 1. */
  sampleRate?: number | Partial<Record<Level, number>> | undefined
  /** Equal errors a minute that are sent; more of them are counted. Default: 100. */
  maxEqualPerMinute?: number | undefined
  /** What waits in memory, at most. Default: 10 MB. */
  maxMemoryBytes?: number | undefined
  /** How long an error waits for others to go with it. Default: 1000. */
  flushIntervalMs?: number | undefined
  /** How long the server may take for its answer; also the default of `flush` and `close`, up to 2000. Default: 10 000. */
  timeoutMs?: number | undefined
  /** The first and the longest pause after failures; each is twice the one before. Default: `{ minDelayMs: 1000, maxDelayMs: 60_000 }`. */
  retry?: { minDelayMs?: number | undefined; maxDelayMs?: number | undefined } | undefined
  /** Where events wait on disk while the server is away. Default: `FAULTLINE_SPOOL_DIR`; without one they wait in memory only. */
  spoolDir?: string | undefined
  /** What waits on disk, at most; the oldest goes first. Default: 100 MB. */
  maxSpoolBytes?: number | undefined
  /** Hears what goes wrong in the reporter itself, each thing once a minute. Default: none. */
  logger?: Logger | undefined
  /** The logger hears of every batch too. Default: `FAULTLINE_DEBUG`, else `false`. */
  debug?: boolean | undefined
}
