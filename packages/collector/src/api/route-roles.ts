import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Role } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'

/** Who may use a route: this role, or a higher one. A change names its action, as the audit log shows it. */
export type RouteRule = Access | { role: Access; action: string }
type Access = Role | 'anyone'

/** A route that is missing here cannot be added, nor a change without an action. */
export const ROUTE_ROLES: Readonly<Record<string, RouteRule>> = {
  'GET /openapi.json': 'anyone',
  'POST /session': { role: 'anyone', action: 'session.create' },
  'GET /session': 'viewer',
  'DELETE /session': { role: 'viewer', action: 'session.end' },
  'PUT /session/password': { role: 'viewer', action: 'user.set_password' },
  'POST /one-time-links/accept': { role: 'anyone', action: 'user.accept_link' },
  'GET /users': 'admin',
  'POST /users': { role: 'admin', action: 'user.create' },
  'PATCH /users/:userId': { role: 'admin', action: 'user.update' },
  'POST /users/:userId/one-time-link': { role: 'admin', action: 'user.create_link' },
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
  'PATCH /issues/:issueId': { role: 'member', action: 'issue.update' },
  'GET /issues/:issueId/events': 'viewer',
  'GET /issues/:issueId/tags': 'viewer',
  'GET /issues/:issueId/tags/:key': 'viewer',
  'GET /events/:eventId': 'viewer',
  'GET /live': 'viewer',
  'GET /search': 'viewer',
  'GET /stats/series': 'viewer',
  'GET /stats/outcomes': 'viewer',
  'GET /releases': 'viewer',
  'GET /services': 'viewer',
  'GET /stats/top-issues': 'viewer',
  'GET /dlq': 'viewer',
  'GET /dlq/:deadLetterId': 'viewer',
  'POST /dlq/:deadLetterId/replay': { role: 'member', action: 'dead_letter.replay' },
  'DELETE /dlq/:deadLetterId': { role: 'admin', action: 'dead_letter.delete' },
  'POST /erasures': { role: 'admin', action: 'user.erase' },
}

/** @see RFC 9110 §9.2.1 */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Puts the hook of its role before everything else of a route. HEAD is let in as GET is. */
export function guardRoutes(app: FastifyInstance, requireRole: ApiOptions['requireRole']): void {
  app.decorateRequest('caller')
  app.addHook('onRoute', (route) => {
    const roles = [route.method].flat().map((method) => roleOf({ ...route, method }))
    const hooks = roles.filter((role) => role !== 'anyone').map(requireRole)
    route.onRequest = [...hooks, ...[route.onRequest ?? []].flat()]
  })
}

interface RoutePlace extends Pick<RouteOptions, 'method' | 'url'> {
  prefix?: string
}

/** @param route one of the API's, with the prefix that it stands below */
export function roleOf(route: RoutePlace): Access {
  const rule = ruleOf(route)
  return typeof rule === 'object' ? rule.role : rule
}

/** What a change is called in the audit log; `undefined` for what changes nothing. */
export function actionOf(route: RoutePlace): string | undefined {
  const method = String(route.method)
  if (SAFE_METHODS.has(method)) return undefined
  const rule = ruleOf(route)
  if (typeof rule === 'object') return rule.action
  throw new Error(
    `Say in ROUTE_ROLES which action ${method} ${pathOf(route)} is: every change is in the audit log.`,
  )
}

function ruleOf(route: RoutePlace): RouteRule {
  const name = `${route.method === 'HEAD' ? 'GET' : route.method} ${pathOf(route)}`
  const rule = ROUTE_ROLES[name]
  if (rule === undefined) throw new Error(`Say in ROUTE_ROLES who may use ${name}.`)
  return rule
}

function pathOf({ url, prefix = '' }: RoutePlace): string {
  return url.slice(prefix.length)
}
