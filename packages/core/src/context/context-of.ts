import type { RequestContext } from './request-context.js'
import { parseTraceparent } from './trace.js'

/** A fresh context for a request, with its trace if it carries one. */
export function contextOf(headers: Readonly<Record<string, unknown>>): RequestContext {
  const trace = headers.traceparent === undefined ? undefined : parseTraceparent(headers.traceparent)
  return trace === undefined ? {} : { trace }
}
