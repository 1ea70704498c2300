import type { ExpressRequest } from './exchange.js'
import { isRouter, matchLayer, pathBelow, pathInApp, type Route, type Router, routerOf } from './routers.js'

/**
 * The methods that the request's path has, for `Allow`; none where its own method is one of them, for then a handler has passed on
 * what it knew. A router that cannot be read has none.
 */
export function allowedMethods(request: ExpressRequest): string[] {
  try {
    const router = routerOf(request)
    return router === undefined ? [] : methodsOf(routesAt(router, pathInApp(request)), request.method)
  } catch {
    return []
  }
}

function methodsOf(routes: Iterable<Route>, method: string): string[] {
  const allowed = new Set<string>()
  for (const { methods } of routes) {
    if (methods._all) continue // was asked already, and has passed on
    const names = namesOf(methods)
    // Express answers OPTIONS from all other routes, even where one of them has handled it
    if (!names.includes(method)) for (const name of names) allowed.add(name)
    else if (method !== 'OPTIONS') return []
  }
  if (allowed.size > 0) allowed.add('OPTIONS')
  return [...allowed].sort()
}

function namesOf(methods: Route['methods']): string[] {
  const names = Object.keys(methods).map((name) => name.toUpperCase())
  return names.includes('GET') ? [...names, 'HEAD'] : names
}

function* routesAt(router: Router, path: string): Generator<Route> {
  for (const layer of router.stack) {
    if (layer.route === undefined && !isRouter(layer.handle)) continue
    const match = matchLayer(layer, path)
    if (match === undefined) continue
    if (layer.route !== undefined) yield layer.route
    else yield* routesAt(layer.handle as Router, pathBelow(path, match))
  }
}
