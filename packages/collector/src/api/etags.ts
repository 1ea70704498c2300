import { hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/**
 * Whoever asks again for what has not changed is answered 304, without the body: a weak ETag, from the hash of the body. Nothing is kept by
 * caches on the way, and browsers ask each time. Not of streams, nor of the OpenAPI document.
 * @see RFC 9110 §8.8.3, §13.1.2
 */
export function addEtags(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache')
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const isDocument = request.routeOptions.url?.endsWith('/openapi.json')
    if (!isRead || isDocument || reply.statusCode !== 200 || typeof payload !== 'string') return payload
    const etag = hash('sha256', payload, 'base64url')
    reply.header('etag', `W/"${etag}"`)
    if (request.method === 'HEAD' || !isKnown(etag, request.headers['if-none-match'])) return payload
    reply.code(304).removeHeader('content-type')
    return null
  })
}

/** Weak and strong ones are not told apart. */
function isKnown(etag: string, ifNoneMatch = ''): boolean {
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((known) => known.trim().replace(/^W\//, '') === `"${etag}"`)
}
