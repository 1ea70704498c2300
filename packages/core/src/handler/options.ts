import type { AnyCatalogue } from '../catalogue/build-catalogue.js'
import type { ProblemDetails } from '../catalogue/problem-details.js'
import type { RequestContext } from '../context/request-context.js'
import type { Mapping } from '../mapping/mappings.js'
import type { RedactOptions } from '../redaction/redact.js'
import type { Reporter } from '../reporting/reporter.js'
import type { Logger } from './error-request.js'
import type { HandledError } from './handled-error.js'

/** Whose `status` is believed, besides the known libraries': plain errors', anybody's, nobody's. */
export type TrustStatus = 'plain' | boolean

/** What a callback learns besides the problem. */
export interface ErrorOccasion<Request = unknown> {
  /** What was thrown. */
  error: unknown
  /** The framework's own request. */
  request: Request
}

/** Options of `createErrorHandler` and of both adapters; every one has a default that suits production. */
export interface ErrorHandlerOptions<Request = unknown> {
  /** The catalogue. Default: `standardProblems`; they also stand in for what it does not define. */
  problems?: object
  /** Asked before anything else, most specific class first. Default: none. */
  mappings?: readonly Mapping[]
  /** Gets every reportable error. Default: none. */
  reporter?: Reporter
  /** What is known of a request, for the report. */
  context?: (request: Request) => Omit<RequestContext, 'breadcrumbs' | 'trace'> | undefined
  /** The last word on what the client sees; the status stays. `undefined` leaves the problem as it is. */
  customize?: (problem: ProblemDetails, occasion: ErrorOccasion<Request>) => ProblemDetails | undefined
  /** More key words and paths to hide, beside the suite's list; `{ off: 'reason' }` hides nothing. */
  redact?: RedactOptions
  /** `true` adds stack and cause to the body when NODE_ENV is `development` or `test`. Default: `false`. */
  debug?: boolean | 'even-in-production'
  /** The `instance` of a problem, a URI reference; a query is cut off. Default: `urn:uuid:` and the event's id. */
  instance?: (id: string, request: Request) => string
  /** Status of failed validations. Default: 400. */
  validationStatus?: 400 | 422
  /** Whose `status` is believed besides the known libraries': `plain` errors', anybody's (`true`), nobody's. Default: `plain`. */
  trustStatus?: TrustStatus
  /** Languages that the client wants, best first. Default: its Accept-Language. */
  locale?: (request: Request) => readonly string[]
  /** HTML for browsers: the built-in page, or a function that makes one. Default: `false`. */
  html?: boolean | ((problem: ProblemDetails) => string)
  /** The members of an older body beside the new ones, while clients move. Default: none. */
  legacyBody?: 'fastify' | 'http-errors' | ((problem: ProblemDetails) => object)
  /** Default: the definition's word, else status ≥ 500. */
  shouldReport?: (problem: ProblemDetails, occasion: ErrorOccasion<Request>) => boolean
  /** After the response; nobody waits for it. */
  onHandled?: (handled: HandledError, occasion: ErrorOccasion<Request>) => unknown
  /** Default: `{ bodyBytes: 65536, logBytes: 65536, causes: 10, errors: 100 }`. */
  limits?: Partial<Limits>
  /** `always`: catalogue problems below 500 capture a stack too. Default: `unexpected`. */
  captureStack?: 'unexpected' | 'always'
  /** Request context follows detached tasks; costs about a microsecond a request. Default: `true`. */
  asyncContext?: boolean
  /** Default: the request's own. `false`: none. */
  logger?: Logger | false
}

export interface Limits {
  /** UTF-8 bytes of a body. */
  bodyBytes: number
  /** UTF-8 bytes of a log record. */
  logBytes: number
  /** Causes below one another. */
  causes: number
  /** Entries of `errors`. */
  errors: number
}

/** The catalogue as the handler sees it. */
export type HandlerCatalogue = AnyCatalogue
