import { ProblemError } from '../catalogue/problem-error.js'
import { statusPhrase } from '../catalogue/status-codes.js'
import { createErrorHandler, type ErrorHandler } from '../handler/create-error-handler.js'
import type { Logger } from '../handler/error-request.js'
import type { HandledError } from '../handler/handled-error.js'
import type { ErrorHandlerOptions } from '../handler/options.js'

/** What is needed of a socket. */
export interface ClientSocket {
  readonly writable: boolean
  readonly destroyed?: boolean
  /** Node's own, of HTTP/1: there is none while no request is being answered. */
  readonly _httpMessage?: { headersSent?: boolean } | null
  end(data: string): unknown
  destroy(error?: Error): unknown
}

interface ClientErrorServer {
  // biome-ignore lint/suspicious/noExplicitAny: http, https and http2 name their sockets differently
  on(event: string, listener: (...args: any[]) => void): unknown
}

/** What Node's parser calls the mistakes that have a status of their own. @see https://nodejs.org/api/http.html#event-clienterror */
const STATUS_BY_CODE: ReadonlyMap<unknown, number> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
])

/** Long enough for a slow client to read its answer. */
const LINGER_MS = 1000

const lingering = new WeakSet<ClientSocket>()

/** Answers what never became a request (garbage, too large a header, too slow) on a Node HTTP/1 server. */
export function answerClientErrors(server: ClientErrorServer, options: ErrorHandlerOptions): void {
  const handler = createErrorHandler(options)
  server.on('clientError', (error: Error, socket: ClientSocket) =>
    answerClientError(handler, error, socket, undefined),
  )
}

/** Answers one of them, if the socket can still be written to; a connection that was merely reset is nobody's error. */
export function answerClientError(
  handler: ErrorHandler,
  error: Error & { code?: string },
  socket: ClientSocket,
  logger: Logger | undefined,
): void {
  if (lingering.has(socket)) return
  if (
    error.code === 'ECONNRESET' ||
    socket.destroyed ||
    !socket.writable ||
    socket._httpMessage?.headersSent
  ) {
    socket.destroy()
    return
  }
  const problem = new ProblemError({ status: STATUS_BY_CODE.get(error.code) ?? 400, cause: error })
  const handled = handler.handle(problem, logger === undefined ? { method: '-' } : { method: '-', logger })
  endSoon(socket, rawResponse(handled))
}

/**
 * Servers let clients keep their half of a connection open, so that ending ours closes nothing. Closed at once, it could be reset
 * before the client has read the answer (RFC 9112 §9.6).
 */
function endSoon(socket: ClientSocket, answer: string): void {
  lingering.add(socket)
  socket.end(answer)
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

function rawResponse(handled: HandledError): string {
  const length = new TextEncoder().encode(handled.body).length
  const lines = [`HTTP/1.1 ${handled.status} ${statusPhrase(handled.status)}`]
  for (const [name, value] of Object.entries(handled.headers)) lines.push(`${name}: ${String(value)}`)
  return `${lines.join('\r\n')}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${handled.body}`
}
