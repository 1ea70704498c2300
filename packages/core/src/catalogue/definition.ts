/** How bad an error is: P0, P1, P2, P3. */
export type Severity = 'critical' | 'high' | 'medium' | 'low'

/** The log level of an error, in the words of the wire. */
export type Level = 'fatal' | 'error' | 'warning' | 'info' | 'debug'

/** The title and the detail of a problem in another language. */
export interface Translation<Data = Record<string, unknown>> {
  title?: string
  detail?: string | ((data: Data) => string)
}

/** An RFC 9110 §11.6.1 challenge: the value of `WWW-Authenticate` or `Proxy-Authenticate`. */
export type Challenge = string | readonly string[]

/**
 * What a team declares once of a problem. `Data` is the type of its extension members.
 */
export interface ProblemDefinition<Data = Record<string, unknown>> {
  /** HTTP status, 400 to 599. */
  status: number
  /** Short, the same for every happening, in English unless the catalogue says otherwise. */
  title: string
  /** What happened this time; public text. */
  detail?: string | ((data: Data) => string)
  /** Absolute, or relative to the catalogue's base. Default: base + kebab-case name; `about:blank` without a base. */
  type?: string
  /** Headers of every answer; names outside the allow-list (`cache-control`, `x-…`) are let through only here. */
  headers?: Readonly<Record<string, string>>
  /** `Retry-After`, in seconds. */
  retryAfterSeconds?: number
  challenge?: Challenge
  /** `Allow` of a 405. */
  allow?: readonly string[]
  /** `Upgrade` of a 426. */
  upgrade?: string
  /** Default: `critical` never, `high` from 500, `low` below. */
  severity?: Severity
  /** Level of the log record. Default: `error` from 500, `info` below. */
  level?: Level
  /** Default: status ≥ 500. */
  shouldReport?: boolean
  /** `false` keeps detail and extensions out of the answer. Default: `true`, for a definition's text is public. */
  expose?: boolean
  /** `true` captures a stack below 500 too. */
  captureStack?: boolean
  /** Where the on-call engineer reads what to do; never sent to a client. */
  runbook?: string
  /** Markdown of the page behind `type`. */
  docs?: string
  /** By BCP 47 language tag. */
  translations?: Readonly<Record<string, Translation<Data>>>
}

/** A definition with every default filled in, as the classes of a catalogue carry it. */
export interface ResolvedDefinition {
  readonly name: string
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string | ((data: Record<string, unknown>) => string) | undefined
  /** With `Retry-After`, challenge, `Allow` and `Upgrade`; lower-case names. */
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly hasHeaders: boolean
  /** Without headers and translations. */
  readonly isPlain: boolean
  /** The text of a plain answer, made when it is first wanted. */
  bodyStart: string | undefined
  /** Names that only this definition lets through: `cache-control`, `x-…`. */
  readonly declaredHeaders: ReadonlySet<string>
  readonly retryAfterSeconds: number | undefined
  readonly severity: Severity
  readonly level: Level
  readonly shouldReport: boolean
  readonly expose: boolean
  /** The only one that changes: the option `captureStack: "always"` of an error handler sets it. */
  captureStack: boolean
  /** It says so itself, and no handler changes it. */
  readonly hasOwnCaptureStack: boolean
  readonly runbook: string | undefined
  readonly docs: string | undefined
  readonly translations: Readonly<Record<string, Translation>>
  /** JSON Schema of the extension members, if the definition has any. */
  readonly extensions: Readonly<Record<string, unknown>> | undefined
}
