/** Where a request belongs in a distributed trace. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string
  /** 16 hexadecimal digits: the caller's span. */
  spanId: string
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/

/** Reads a `traceparent` header; `undefined` unless it is valid. @see W3C Trace Context §3.2 */
export function parseTraceparent(header: unknown): TraceContext | undefined {
  if (typeof header !== 'string' || header.length < 55 || !TRACEPARENT.test(header)) return undefined
  // Only later versions may go on after the flags.
  if (header.length > 55 && header.startsWith('00')) return undefined
  return { traceId: header.slice(3, 35), spanId: header.slice(36, 52) }
}
