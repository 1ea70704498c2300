import { problemPages } from '@faultline/core'
import { findProblemPage, mergedVary, prefersHtml } from '@faultline/core/adapter'
import type { FastifyInstance, FastifyReply } from 'fastify'

const IS_DOCS = Symbol('faultline.docs')

/** Serves the pages behind the `type` URIs of a catalogue, as HTML or, for programs, as JSON. */
export function addProblemDocs(app: FastifyInstance, mount: string, catalogue: object): void {
  const pages = problemPages(catalogue as Parameters<typeof problemPages>[0])
  const options = { schema: { hide: true } as object, config: { [IS_DOCS]: true } as object }
  app.get(`${mount.replace(/\/+$/, '')}/*`, options, (request, reply) => {
    const { '*': rest } = request.params as { '*': string }
    const path = request.url.split('?', 1)[0] as string
    const page = findProblemPage(pages, path) ?? findProblemPage(pages, `/${rest}`)
    if (page === undefined) return reply.callNotFound()
    addHeaders(reply)
    if (prefersHtml(request.headers.accept)) return reply.type('text/html; charset=utf-8').send(page.html)
    const { html: _, ...data } = page
    return reply.send(data)
  })
}

/** Its wildcard stands for pages, not for paths that have a `GET`. */
export function isDocsRoute({ config }: { config?: object }): boolean {
  return config !== undefined && IS_DOCS in config
}

function addHeaders(reply: FastifyReply): void {
  reply.header('vary', mergedVary(reply.getHeader('vary'), 'Accept'))
  reply.header('x-content-type-options', 'nosniff')
}
