import { currentContext, type RequestContext, runWithContext } from '@faultline/core'
import { contextOf } from '@faultline/core/adapter'
import type { ExpressRequest } from './exchange.js'

interface Followed {
  context: RequestContext
  /** Milliseconds of `performance.now()`. */
  startedAt: number
}

const FOLLOWED = Symbol('faultline.followed')

type Marked = ExpressRequest & { [FOLLOWED]?: Followed }

/** Remembers a request and gives its context; `undefined` when it is known already. */
export function follow(request: Marked): RequestContext | undefined {
  if (request[FOLLOWED] !== undefined) return undefined
  const context = contextOf(request.headers)
  request[FOLLOWED] = { context, startedAt: performance.now() }
  return context
}

/** When the request came, if anybody took note. */
export function startOf(request: Marked): number | undefined {
  return request[FOLLOWED]?.startedAt
}

/** Runs a function in the request's own context: an error may come from a callback that has lost it, or runs in another's. */
export function inContextOf<T>(request: Marked, run: () => T): T {
  const context = request[FOLLOWED]?.context
  return context === undefined || context === currentContext() ? run() : runWithContext(context, run)
}
