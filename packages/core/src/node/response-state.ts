import type { Phase } from '../handler/error-request.js'

interface NodeRequestState {
  aborted?: boolean
  socket?: { destroyed?: boolean } | null
}

interface NodeResponseState {
  headersSent: boolean
  writableEnded: boolean
  destroyed?: boolean
  /** Of HTTP/1: why it was destroyed, when this side did it. */
  errored?: unknown
}

/** How far a Node response has come, and whether anybody still waits for it. Works for HTTP/1 and HTTP/2. */
export function responseState(
  request: NodeRequestState,
  response: NodeResponseState,
): { phase: Phase; isAborted: boolean } {
  if (response.writableEnded) return { phase: 'response-ended', isAborted: false }
  const isClosed =
    request.aborted === true || response.destroyed === true || request.socket?.destroyed === true
  const isAborted = isClosed && response.errored == null // `pipeline` destroys the response with the error of its source
  return { phase: response.headersSent ? 'response-started' : 'request', isAborted }
}
