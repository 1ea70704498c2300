import { errorEventSchema } from '@faultline/protocol'
import type { FastifyPluginAsync } from 'fastify'

const DAY_SECONDS = 86_400

/** `GET /schemas/error-event/v1.json`: what a sender of our own protocol has to hold to. Anybody may read it, from any page. */
export const schemasPlugin: FastifyPluginAsync = async (app) => {
  const text = JSON.stringify(errorEventSchema, undefined, 2)
  app.get('/schemas/error-event/v1.json', (_request, reply) =>
    reply
      .type('application/schema+json')
      .header('cache-control', `public, max-age=${DAY_SECONDS}`)
      .header('access-control-allow-origin', '*')
      .send(text),
  )
}
