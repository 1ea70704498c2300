import type { FastifyInstance } from 'fastify'
import type { Role } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'

/** Who may use which route: a token or a user of this role, or of a higher one. A route that is missing here cannot be added. */
export const ROUTE_ROLES: Readonly<Record<string, Role | 'anyone'>> = {
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
  'POST /session': 'anyone',
  'GET /session': 'viewer',
  'DELETE /session': 'viewer',
  'PUT /session/password': 'viewer',
  'POST /one-time-links/accept': 'anyone',
  'GET /users': 'admin',
  'POST /users': 'admin',
  'PATCH /users/:userId': 'admin',
  'POST /users/:userId/one-time-link': 'admin',
}

/** Puts the hook of its role before everything else of a route. HEAD is let in as GET is. */
export function guardRoutes(app: FastifyInstance, requireRole: ApiOptions['requireRole']): void {
  app.decorateRequest('caller')
  app.addHook('onRoute', (route) => {
    const path = route.url.slice(route.prefix.length)
    const roles = [route.method].flat().map((method) => roleOf(method, path))
    const hooks = roles.filter((role) => role !== 'anyone').map(requireRole)
    route.onRequest = [...hooks, ...[route.onRequest ?? []].flat()]
  })
}

function roleOf(method: string, path: string): Role | 'anyone' {
  const route = `${method === 'HEAD' ? 'GET' : method} ${path}`
  const role = ROUTE_ROLES[route]
  if (role === undefined) throw new Error(`Say in ROUTE_ROLES who may use ${route}.`)
  return role
}
