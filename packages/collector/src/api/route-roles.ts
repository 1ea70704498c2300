import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Role } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'

/** Who may use which route: a token of this role, or of a higher one. A route that is missing here cannot be added. */
export const ROUTE_ROLES: Readonly<Record<string, Role>> = {
  'GET /openapi.json': 'viewer',
  'GET /projects': 'viewer',
  'GET /issues': 'viewer',
  'GET /issues/:issueId': 'viewer',
  'GET /issues/:issueId/events': 'viewer',
  'GET /events/:eventId': 'viewer',
  'GET /search': 'viewer',
  'GET /stats/series': 'viewer',
  'GET /stats/outcomes': 'viewer',
  'GET /dlq': 'viewer',
  'GET /dlq/:deadLetterId': 'viewer',
  'POST /dlq/:deadLetterId/replay': 'member',
  'DELETE /dlq/:deadLetterId': 'admin',
  'POST /erasures': 'admin',
}

/** Puts the hook of its role before everything else of a route. HEAD is let in as GET is. */
export function guardRoutes(app: FastifyInstance, requireRole: ApiOptions['requireRole']): void {
  app.decorateRequest('caller')
  app.addHook('onRoute', (route) => {
    const hooks = [route.method].flat().map((method) => requireRole(roleOf({ ...route, method })))
    route.onRequest = [...hooks, ...[route.onRequest ?? []].flat()]
  })
}

interface RoutePlace extends Pick<RouteOptions, 'method' | 'url'> {
  prefix?: string
}

/** @param route one of the API's, with the prefix that it stands below */
export function roleOf({ method, url, prefix = '' }: RoutePlace): Role {
  const route = `${method === 'HEAD' ? 'GET' : method} ${url.slice(prefix.length)}`
  const role = ROUTE_ROLES[route]
  if (role === undefined) throw new Error(`Say in ROUTE_ROLES who may use ${route}.`)
  return role
}
