import { defineProblems } from '@faultline/core'
import type { FastifyPluginAsync } from 'fastify'

/** Has its section in docs/errors.md. */
export const healthErrors = defineProblems(
  { base: 'urn:faultline:errors:' },
  {
    /** Also whatever needs a worker that is away. What is wrong has been logged and reported when it began. */
    NotReady: {
      status: 503,
      title: 'The collector is not ready.',
      level: 'debug',
      shouldReport: false,
      retryAfterSeconds: 5,
    },
  },
)

export interface HealthOptions {
  /** What keeps the collector from doing its work, each in a sentence. */
  troubles(): string[]
}

/** `GET /health/live`: the process answers. `GET /health/ready`: it can take, digest and show events. */
export const healthPlugin: FastifyPluginAsync<HealthOptions> = async (app, { troubles }) => {
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async () => {
    const found = troubles()
    if (found.length > 0) throw new healthErrors.NotReady({ detail: found.join(' ') })
    return { status: 'ready' }
  })
}
