import type { FastifyInstance, FastifyReply } from 'fastify'

const ALLOWED_HEADERS = [
  'authorization',
  'baggage',
  'content-encoding',
  'content-type',
  'sentry-trace',
  'traceparent',
  'transfer-encoding',
  'x-requested-with',
  'x-sentry-auth',
].join(', ')
const EXPOSED_HEADERS = 'x-sentry-error, x-sentry-rate-limits, retry-after'
const REMEMBER_SECONDS = '86400'

/** Web pages of any origin may send, and read the answer: there are no cookies here, and a key in a page is public. */
export function allowAllOrigins(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('access-control-allow-origin', '*')
    reply.header('access-control-expose-headers', EXPOSED_HEADERS)
    done()
  })
}

/** @see https://fetch.spec.whatwg.org/#cors-preflight-fetch */
export function answerPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .headers({
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': ALLOWED_HEADERS,
      'access-control-max-age': REMEMBER_SECONDS,
    })
    .code(204)
    .send()
}
