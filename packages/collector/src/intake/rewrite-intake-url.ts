const INTAKE_PATH = /^\/api\/(?:\d+\/(?:events|envelope|store|security|csp-report)|store)\/?$/

/**
 * Takes the path prefix of a DSN off the addresses of intake, as Fastify's `rewriteUrl`: `/errors/api/42/envelope/` → `/api/42/envelope/`.
 * Every other URL stays as it is.
 */
export function rewriteIntakeUrl(url: string): string {
  if (url.startsWith('/api/') && url.indexOf('/api/', 1) === -1) return url
  const question = url.indexOf('?')
  const path = question === -1 ? url : url.slice(0, question)
  const at = path.lastIndexOf('/api/')
  return at > 0 && INTAKE_PATH.test(path.slice(at)) ? url.slice(at) : url
}
