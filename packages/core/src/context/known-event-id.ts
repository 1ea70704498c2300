import { isObject } from '../thrown/thrown.js'
import { currentContext, type RequestContext } from './request-context.js'

/** An error takes its way up within seconds; the same object later is thrown anew. */
const FORGOTTEN_AFTER_MS = 60_000

interface Known {
  id: string
  atMs: number
  context: RequestContext | undefined
}

/** Written by guards and reports by hand only: for each HTTP error it would cost the garbage collector a microsecond. */
const known = new WeakMap<object, Known>()

/**
 * Gives a thrown value the id of the event it was reported as: whoever meets it further up reports no second event. A primitive is
 * not remembered.
 * @param nowMs milliseconds since 1970
 */
export function rememberEventId(thrown: unknown, id: string, nowMs = Date.now()): void {
  if (isObject(thrown)) known.set(thrown, { id, atMs: nowMs, context: currentContext() })
}

/**
 * The id under which this very value was reported, if that was this time that it was thrown. One object may be thrown many times (a
 * cached rejection, a constant): in another request's context, or a minute later, it is another event.
 * @param nowMs milliseconds since 1970
 */
export function knownEventId(thrown: unknown, nowMs?: number): string | undefined {
  const found = isObject(thrown) ? known.get(thrown) : undefined
  if (found === undefined || (nowMs ?? Date.now()) - found.atMs > FORGOTTEN_AFTER_MS) return undefined
  const context = currentContext()
  const isOtherWork = context !== undefined && found.context !== undefined && context !== found.context
  return isOtherWork ? undefined : found.id
}
