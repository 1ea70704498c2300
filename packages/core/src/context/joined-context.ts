import { attempt } from '../thrown/thrown.js'
import type { RequestContext } from './request-context.js'

/** Two contexts as one, as `addContext` does it: tags and extras are added, of the rest the stronger one counts. Never throws. */
export function joinedContext(
  weaker: RequestContext | undefined,
  stronger: RequestContext | undefined,
): RequestContext {
  const less = readable(weaker)
  const more = readable(stronger)
  return {
    user: more.user ?? less.user,
    tenant: more.tenant ?? less.tenant,
    trace: more.trace ?? less.trace,
    tags: joined(less.tags, more.tags),
    extra: joined(less.extra, more.extra),
    breadcrumbs: more.breadcrumbs ?? less.breadcrumbs,
  }
}

/** The application's own object may have anything for a getter. */
function readable(context: RequestContext | undefined): RequestContext {
  return attempt(() => ({ ...context })) ?? {}
}

function joined<Members extends object>(
  less: Members | undefined,
  more: Members | undefined,
): Members | undefined {
  return less && more ? attempt(() => ({ ...less, ...more })) : (more ?? less)
}
