import type { ExpressRequest } from './exchange.js'
import {
  isRouter,
  type Layer,
  type Match,
  matchLayer,
  pathBelow,
  pathInApp,
  type Route,
  type Router,
  routerOf,
} from './routers.js'

/**
 * The pattern of the route that the request has reached, with those of the routers around it: `/shops/:shop/orders/:id`. Express
 * itself forgets the mount paths while an error travels outwards, and `baseUrl` has values where the pattern has names.
 */
export function routePattern(request: ExpressRequest): string | undefined {
  const route = request.route as Route | undefined
  if (route?.path === undefined) return undefined
  return patternIn(request, route) ?? join(request.baseUrl ?? '', String(route.path))
}

function patternIn(request: ExpressRequest, route: Route): string | undefined {
  try {
    const router = routerOf(request)
    return router && find(router, route, pathInApp(request))
  } catch {
    return undefined
  }
}

function find(router: Router, route: Route, path: string): string | undefined {
  for (const layer of router.stack) {
    if (layer.route === route) return String(route.path)
    if (!isRouter(layer.handle)) continue
    const match = matchLayer(layer, path)
    const inner = match && find(layer.handle, route, pathBelow(path, match))
    if (inner !== undefined) return join(mountPattern(layer, match as Match), inner)
  }
  return undefined
}

function mountPattern(layer: Layer, match: Match): string {
  return typeof layer.rawPath === 'string' ? layer.rawPath : withNames(match)
}

/** Express 4 keeps no mount pattern but a regular expression: the names take the places of their values, the last ones first. */
function withNames({ path, params }: Match): string {
  const segments = path.split('/')
  for (const [name, value] of Object.entries(params).reverse()) {
    const at = segments.findLastIndex((segment) => decode(segment) === String(value))
    if (at !== -1) segments[at] = `:${name}`
  }
  return segments.join('/')
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function join(mount: string, inner: string): string {
  const outer = mount.replace(/\/$/, '')
  return inner === '/' && outer !== '' ? outer : outer + inner
}
