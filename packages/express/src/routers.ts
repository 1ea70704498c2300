import type { ExpressRequest } from './exchange.js'

// Private to Express, and different from version to version: `test/not-found.test.ts` pins what is read of them.

/** A router of Express 4, or of the package `router` that Express 5 uses. */
export interface Router {
  readonly stack: readonly Layer[]
}

export interface Layer {
  readonly route?: Route
  /** A middleware, or a router. */
  readonly handle: unknown
  /** As it was given to `use`; since router 2.3. */
  readonly rawPath?: unknown
  match(path: string): unknown
}

export interface Route {
  readonly path: unknown
  /** Lower case; `_all` after `route.all()`. */
  readonly methods: Readonly<Record<string, boolean>>
}

/** What a layer has matched, and its parameters. */
export interface Match {
  path: string
  params: Readonly<Record<string, unknown>>
}

interface App {
  readonly parent?: unknown
  path(): string
  readonly _router?: unknown
  readonly router?: unknown
}

/** The outermost router of the request's application. May throw: the getter `router` of Express 4 does. */
export function routerOf({ app }: ExpressRequest): Router | undefined {
  const { _router } = app as App
  const router = _router ?? (app as App).router
  return isRouter(router) ? router : undefined
}

export function isRouter(handle: unknown): handle is Router {
  return Array.isArray((handle as Router | undefined)?.stack)
}

/** The path as the outermost router of the request's application sees it, in whichever router we are now. */
export function pathInApp({ app, url, baseUrl = '' }: ExpressRequest): string {
  const { parent, path: mountPath } = app as App
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] || '/'
  if (parent === undefined) return baseUrl + path
  const mount = mountPath.call(app)
  return baseUrl.startsWith(mount) ? baseUrl.slice(mount.length) + path : path
}

/** Asks a layer whether a path is its own. Throws where a parameter cannot be decoded. */
export function matchLayer(layer: Layer, path: string): Match | undefined {
  const found = layer.match(path)
  if (!found) return undefined
  // router 2.3 returns what it found; everything older leaves it on the layer, where nobody looks for it any more by now
  const match = (typeof found === 'object' ? found : layer) as Partial<Match>
  return { path: match.path ?? '', params: match.params ?? {} }
}

/** What is left of a path for the router that is mounted there. */
export function pathBelow(path: string, match: Match): string {
  const rest = path.slice(match.path.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}
