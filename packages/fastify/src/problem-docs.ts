import { problemPages, standardProblems } from '@faultline/core'
import { findProblemPage, prefersHtml } from '@faultline/core/adapter'
import type { FastifyInstance } from 'fastify'

/** Serves the pages behind the `type` URIs of a catalogue, as HTML or, for programs, as JSON. */
export function addProblemDocs(app: FastifyInstance, mount: string, catalogue: object): void {
  const pages = problemPages(catalogue as Parameters<typeof problemPages>[0])
  app.get(`${mount.replace(/\/+$/, '')}/*`, { schema: { hide: true } as object }, (request, reply) => {
    const { '*': rest } = request.params as { '*': string }
    const path = request.url.split('?', 1)[0] as string
    const page = findProblemPage(pages, path) ?? findProblemPage(pages, `/${rest}`)
    if (page === undefined) return reply.send(new standardProblems.NotFound())
    reply.header('vary', 'Accept')
    if (prefersHtml(request.headers.accept)) return reply.type('text/html; charset=utf-8').send(page.html)
    const { html: _, ...data } = page
    return reply.send(data)
  })
}
