import { problemPages } from '@faultline/core'
import { findProblemPage, mergedVary, prefersHtml } from '@faultline/core/adapter'
import type { ExpressRequest, ExpressResponse, Middleware } from './exchange.js'

/**
 * Serves the pages behind the `type` URIs of a catalogue, as HTML or, for programs, as JSON: `app.use('/problems', problemDocs(problems))`.
 * A page is found by the whole path of its `type`, or by what of it comes behind the mount path. Unknown ones are passed on.
 */
export function problemDocs(catalogue: Parameters<typeof problemPages>[0]): Middleware {
  const pages = problemPages(catalogue)
  return (request, response, next) => {
    const page = isReading(request)
      ? (findProblemPage(pages, (request.baseUrl ?? '') + request.url) ?? findProblemPage(pages, request.url))
      : undefined
    if (page === undefined) return next()
    const { html, ...data } = page
    if (prefersHtml(String(request.headers.accept ?? ''))) send(response, 'text/html', html)
    else send(response, 'application/json', JSON.stringify(data))
  }
}

function send(response: ExpressResponse, mediaType: string, body: string): void {
  response.setHeader('content-type', `${mediaType}; charset=utf-8`)
  response.setHeader('content-length', String(Buffer.byteLength(body))) // Node leaves it out of the answer to a HEAD
  response.setHeader('vary', mergedVary(response.getHeader('vary'), 'Accept'))
  response.setHeader('x-content-type-options', 'nosniff')
  response.end(body)
}

function isReading({ method }: ExpressRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}
