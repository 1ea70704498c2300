import type { NodeResponse } from '@faultline/core'

declare global {
  // empty here; where @types/express is installed, it is what the application has added to its requests
  namespace Express {
    interface Request {}
  }
}

/** What the middlewares need of a request. Said by its shape, so that the types of Express 4, 5 and none at all fit. */
export type ExpressRequest = Express.Request & {
  readonly method: string
  readonly url: string
  readonly originalUrl?: string
  readonly baseUrl?: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly httpVersionMajor?: number
  readonly aborted?: boolean
  readonly socket?: { readonly destroyed?: boolean } | null
  readonly ip?: string | undefined
  /** Of pino-http, or of `requestContext`. */
  id?: unknown
  /** Of pino-http. */
  readonly log?: unknown
  readonly route?: unknown
  readonly app?: unknown
}

/** What the middlewares need of a response. */
export type ExpressResponse = NodeResponse & {
  on(event: 'finish', listener: () => void): unknown
  readonly destroyed?: boolean
  /** Of pino-http. */
  readonly log?: unknown
  /** pino-http writes it into its own line. */
  err?: unknown
}

export type Next = (error?: unknown) => void

export type Middleware = (request: ExpressRequest, response: ExpressResponse, next: Next) => void

export type ErrorMiddleware = (
  error: unknown,
  request: ExpressRequest,
  response: ExpressResponse,
  next: Next,
) => void
