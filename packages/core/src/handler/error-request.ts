/** What a logger must have; pino, winston and console fit. */
export interface Logger {
  debug(fields: object, message?: string): unknown
  info(fields: object, message?: string): unknown
  warn(fields: object, message?: string): unknown
  error(fields: object, message?: string): unknown
  fatal?(fields: object, message?: string): unknown
}

/** How far the response had come when the error arrived. */
export type Phase = 'request' | 'response-started' | 'response-ended'

/** What the error handler wants to know of a request. Only `method` must be there; each adapter fills in what it has. */
export interface ErrorRequest {
  method: string
  /** As received: path and query. */
  url?: string
  /** The pattern that matched, `/orders/:id`. */
  route?: string
  headers?: Readonly<Record<string, string | readonly string[] | undefined>>
  id?: string
  ip?: string
  /** The status that the application had set before it threw; believed when it is 400 to 599. */
  status?: number
  /** Default: `request`. */
  phase?: Phase
  /** The client has gone: nothing is written and nobody is told. */
  isAborted?: boolean
  /** Default: `1.1`. */
  httpVersion?: '1.1' | '2'
  /** When the request came, in milliseconds of `performance.now()`. */
  startedAt?: number
  /** The framework's own request, handed to the application's callbacks; the same error of the same one is handled once. */
  native?: object
  /** The request's own logger. */
  logger?: Logger
  /** The logger's bindings already name the request id. */
  hasLoggedId?: boolean
}
