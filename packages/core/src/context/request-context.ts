import { AsyncLocalStorage } from 'node:async_hooks'

/** One step on the way to an error. */
export interface Breadcrumb {
  /** RFC 3339. */
  at: string
  category: string
  message: string
  level?: string
  data?: Record<string, unknown>
}

/** What is known of the work in hand; it follows detached tasks, and goes with every error of it. */
export interface RequestContext {
  user?: { id?: string | undefined; email?: string | undefined; name?: string | undefined } | undefined
  tenant?: string | undefined
  tags?: Record<string, string> | undefined
  extra?: Record<string, unknown> | undefined
  /** The newest 100. */
  breadcrumbs?: Breadcrumb[]
  trace?: { traceId: string; spanId: string }
}

const MAX_BREADCRUMBS = 100
const storage = new AsyncLocalStorage<RequestContext>()

/** Runs a function, and everything that it sets going, in a context. */
export function runWithContext<T>(context: RequestContext, run: () => T): T {
  return storage.run(context, run)
}

/** The context of the request (or job) that this code runs for. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore()
}

/** Adds to the current context; without one it does nothing. Tags and extras are merged, the rest is replaced. */
export function addContext(more: Omit<RequestContext, 'breadcrumbs'>): void {
  const context = storage.getStore()
  if (context === undefined) return
  const { tags, extra, ...rest } = more
  Object.assign(context, rest)
  if (tags) context.tags = { ...context.tags, ...tags }
  if (extra) context.extra = { ...context.extra, ...extra }
}

/** Names the user of the current context. */
export function setUser(user: NonNullable<RequestContext['user']>): void {
  addContext({ user })
}

/** Sets one tag of the current context. */
export function setTag(key: string, value: string): void {
  addContext({ tags: { [key]: value } })
}

/** Remembers a step in the current context. `at` is now unless given. */
export function addBreadcrumb(step: Omit<Breadcrumb, 'at'> & { at?: string }): void {
  const context = storage.getStore()
  if (context === undefined) return
  context.breadcrumbs ??= []
  context.breadcrumbs.push({ at: step.at ?? new Date().toISOString(), ...step })
  if (context.breadcrumbs.length > MAX_BREADCRUMBS) context.breadcrumbs.shift()
}
