import { currentContext, type RequestContext, runWithContext } from '@faultline/core'
import { contextOf } from '@faultline/core/adapter'
import type { ExpressRequest } from './exchange.js'

interface Followed {
  context: RequestContext
  /** Milliseconds of `performance.now()`. */
  startedAt: number
}

const followed = new WeakMap<object, Followed>()

/** Remembers a request and gives its context; `undefined` when it is known already. */
export function follow(request: ExpressRequest): RequestContext | undefined {
  if (followed.has(request)) return undefined
  const context = contextOf(request.headers)
  followed.set(request, { context, startedAt: performance.now() })
  return context
}

/** When the request came, if anybody took note. */
export function startOf(request: ExpressRequest): number | undefined {
  return followed.get(request)?.startedAt
}

/** Runs a function in the request's own context: an error may come from a callback that has lost it, or runs in another's. */
export function inContextOf<T>(request: ExpressRequest, run: () => T): T {
  const context = followed.get(request)?.context
  return context === undefined || context === currentContext() ? run() : runWithContext(context, run)
}
