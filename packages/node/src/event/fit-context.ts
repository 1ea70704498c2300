import type { Breadcrumb, RequestContext } from '@faultline/core'
import type { ErrorEvent } from '@faultline/protocol'

/** What `toISOString` writes. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/

type Context = Pick<ErrorEvent, 'user' | 'tenant' | 'trace' | 'tags' | 'extra' | 'breadcrumbs'>

/**
 * What an application has said of its context, made to fit the schema: JavaScript does not keep anybody from `setUser({ id: 42 })`,
 * and an event must not be refused for that.
 */
export function fitContext(report: RequestContext & { occurredAt: string }): Context {
  const { user, tenant, trace, tags, extra, breadcrumbs, occurredAt } = report
  const fitted: Context = {}
  if (tenant !== undefined && tenant !== null) fitted.tenant = textOf(tenant)
  if (isObject(user)) {
    const { id, email, name, ...others } = user
    fitted.user = { ...others, ...fitTexts({ id, email, name }) }
  }
  if (isObject(trace) && typeof trace.traceId === 'string') fitted.trace = fitTrace(trace)
  if (isObject(extra)) fitted.extra = { ...extra }
  if (isObject(tags)) fitted.tags = fitTexts(tags)
  if (Array.isArray(breadcrumbs)) {
    fitted.breadcrumbs = breadcrumbs.filter(isObject).map((step) => fitBreadcrumb(step, occurredAt))
  }
  return fitted
}

function fitTrace({ traceId, spanId }: { traceId: string; spanId?: unknown }): Context['trace'] {
  return typeof spanId === 'string' ? { traceId, spanId } : { traceId }
}

function fitBreadcrumb(step: Breadcrumb, occurredAt: string): Breadcrumb {
  const { at, category, message, level, data } = step
  const fitted: Breadcrumb = {
    at: TIME.test(textOf(at)) ? at : occurredAt,
    category: textOf(category),
    message: textOf(message),
  }
  if (level !== undefined) fitted.level = textOf(level)
  if (isObject(data)) fitted.data = data
  return fitted
}

function fitTexts(values: object): Record<string, string> {
  const fitted: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) fitted[name] = textOf(value)
  }
  return fitted
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return isObject(value) ? JSON.stringify(value) : String(value ?? '')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
