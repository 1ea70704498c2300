import type { FastifyInstance } from 'fastify'
import type { Role } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'

/** Who may use a route: this role, or a higher one. A change names its action, as the audit log shows it. */
export type RouteRule = Role | { role: Role; action: string }

/** A route that is missing here cannot be added, nor a change without an action. */
export const ROUTE_ROLES: Readonly<Record<string, RouteRule>> = {
  'GET /projects': 'viewer',
  'POST /projects': { role: 'admin', action: 'project.create' },
  'PATCH /projects/:projectId': { role: 'admin', action: 'project.rename' },
  'POST /projects/:projectId/keys': { role: 'admin', action: 'key.create' },
  'DELETE /projects/:projectId/keys/:publicKey': { role: 'admin', action: 'key.revoke' },
  'GET /tokens': 'admin',
  'POST /tokens': { role: 'admin', action: 'token.create' },
  'DELETE /tokens/:tokenId': { role: 'admin', action: 'token.revoke' },
  'GET /teams': 'admin',
  'POST /teams': { role: 'admin', action: 'team.create' },
  'PATCH /teams/:teamId': { role: 'admin', action: 'team.update' },
  'DELETE /teams/:teamId': { role: 'admin', action: 'team.delete' },
  'GET /audit-log': 'admin',
  'GET /issues': 'viewer',
  'GET /issues/:issueId': 'viewer',
  'GET /issues/:issueId/events': 'viewer',
  'GET /events/:eventId': 'viewer',
  'GET /search': 'viewer',
  'GET /stats/series': 'viewer',
  'GET /stats/outcomes': 'viewer',
  'GET /dlq': 'viewer',
  'GET /dlq/:deadLetterId': 'viewer',
  'POST /dlq/:deadLetterId/replay': { role: 'member', action: 'dead_letter.replay' },
  'DELETE /dlq/:deadLetterId': { role: 'admin', action: 'dead_letter.delete' },
}

/** @see RFC 9110 §9.2.1 */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Puts the hook of its role before everything else of a route. HEAD is let in as GET is. */
export function guardRoutes(app: FastifyInstance, requireRole: ApiOptions['requireRole']): void {
  app.decorateRequest('caller')
  app.addHook('onRoute', (route) => {
    const path = route.url.slice(route.prefix.length)
    const hooks = [route.method].flat().map((method) => requireRole(roleOf(method, path)))
    route.onRequest = [...hooks, ...[route.onRequest ?? []].flat()]
  })
}

/** What a change is called; `undefined` for what changes nothing. */
export function actionOf(method: string, path: string): string | undefined {
  if (SAFE_METHODS.has(method)) return undefined
  const rule = ruleOf(method, path)
  if (typeof rule === 'object') return rule.action
  throw new Error(`Say in ROUTE_ROLES which action ${method} ${path} is: every change is in the audit log.`)
}

export function roleOf(method: string, path: string): Role {
  const rule = ruleOf(method, path)
  return typeof rule === 'object' ? rule.role : rule
}

function ruleOf(method: string, path: string): RouteRule {
  const route = `${method === 'HEAD' ? 'GET' : method} ${path}`
  const rule = ROUTE_ROLES[route]
  if (rule === undefined) throw new Error(`Say in ROUTE_ROLES who may use ${route}.`)
  return rule
}
