import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'

/** A request and its response, the same on every framework. */
export interface Exchange {
  params: Record<string, string>
  headers: IncomingHttpHeaders
  body: unknown
  /** Sets the status without answering. */
  status(code: number): void
  header(name: string, value: string): void
  send(body: unknown): void
  sendStream(stream: Readable): void
  /** The framework's way of failing without a throw: `reply.send(error)`, `next(error)`. */
  fail(error: unknown): void
  rawRequest: IncomingMessage
  rawResponse: ServerResponse
}

/** What it returns is sent, unless it is undefined. */
export type Handler = (exchange: Exchange) => unknown

/** Where the handler runs: as the route's own, or as a hook (Express: a middleware) of a route that works. */
export type Place = 'handler' | 'hook' | 'async hook'

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  handler: Handler
  place?: Place
  /** Fastify's JSON schemas. */
  schema?: object
  /** Express: whether the handler is wrapped in `asyncHandler`. Default: on Express 4. */
  isWrapped?: boolean
}

type More = Partial<Pick<Route, 'place' | 'schema' | 'isWrapped'>>

export function get(path: string, handler: Handler, more: More = {}): Route {
  return { method: 'GET', path, handler, ...more }
}

export function post(path: string, handler: Handler, more: More = {}): Route {
  return { method: 'POST', path, handler, ...more }
}

/** Ways to throw from a route. A promise-returning handler is `async`. */
export type Throwing = 'sync' | 'async' | 'hook' | 'async hook'

/** `GET path` throws what `make` gives. */
export function throwing(path: string, make: () => unknown, way: Throwing = 'sync', more: More = {}): Route {
  if (way === 'async')
    return get(
      path,
      async () => {
        throw make()
      },
      more,
    )
  const throwSync = () => {
    throw make()
  }
  const throwAsync = async () => {
    throw make()
  }
  if (way === 'async hook') return get(path, throwAsync, { ...more, place: 'async hook' })
  return get(path, throwSync, { ...more, place: way === 'hook' ? 'hook' : 'handler' })
}
