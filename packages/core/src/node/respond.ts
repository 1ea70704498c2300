import { STALE_RESPONSE_HEADERS } from '../answer/headers.js'
import type { HandledError } from '../handler/handled-error.js'

/** RFC 9113 §7. */
const HTTP2_INTERNAL_ERROR = 2
const STALE: ReadonlySet<string> = new Set(STALE_RESPONSE_HEADERS)

/** What `sendHandled` needs of a Node response; of HTTP/1 and HTTP/2 alike. */
export interface NodeResponse {
  statusCode: number
  readonly headersSent: boolean
  readonly writableEnded: boolean
  readonly destroyed?: boolean
  getHeader(name: string): unknown
  getHeaderNames(): string[]
  setHeader(name: string, value: string | readonly string[]): unknown
  removeHeader(name: string): void
  end(body?: string): unknown
  destroy?(): unknown
  /** Of HTTP/2. */
  readonly stream?: { close?(code: number): unknown }
}

/** The answer as a fetch `Response`. */
export function toResponse(handled: HandledError): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(handled.headers)) {
    for (const one of typeof value === 'string' ? [value] : value) headers.append(name, one)
  }
  return new Response(handled.body, { status: handled.status, headers })
}

/**
 * Writes the answer to a Node response: headers that described the unsent body are removed, `Vary` is added to, the others stay.
 * A response that is already under way is cut off, for a client must not take half a body for the whole.
 */
export function sendHandled(response: NodeResponse, handled: HandledError): void {
  if (response.writableEnded || response.destroyed) return
  if (response.headersSent) {
    cutOff(response)
    return
  }
  if (handled.isSilent) return
  removeStaleHeaders(response, handled.status)
  response.statusCode = handled.status
  for (const name in handled.headers) {
    const value = handled.headers[name] as string | string[]
    response.setHeader(name, name === 'vary' ? mergedVary(response.getHeader('vary'), String(value)) : value)
  }
  response.setHeader('content-length', String(Buffer.byteLength(handled.body))) // Node leaves it out on HEAD
  response.end(handled.body)
}

/** Ends a response that is under way so that the client knows: HTTP/1 by closing the connection, HTTP/2 this stream alone. */
export function cutOff(response: NodeResponse): void {
  const { stream } = response
  if (typeof stream?.close === 'function') stream.close(HTTP2_INTERNAL_ERROR)
  else response.destroy?.()
}

function removeStaleHeaders(response: NodeResponse, status: number): void {
  for (const name of response.getHeaderNames()) {
    if (isStaleHeader(name, status)) response.removeHeader(name)
  }
}

/** Does it describe the body that was not sent? A 416 keeps its `Content-Range`. */
export function isStaleHeader(name: string, status: number): boolean {
  return STALE.has(name) && !(status === 416 && name === 'content-range')
}

/** `Vary` as it stood, with what the answer adds to it. */
export function mergedVary(before: unknown, added: string): string {
  const names = [before ?? [], added]
    .flat()
    .join(', ')
    .split(/\s*,\s*/)
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()].join(', ')
}
