import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { apiErrors } from './errors.js'
import { EventBody, eventBody } from './event-body.js'

export function addEventRoutes(app: FastifyInstance, { reads }: ApiOptions): void {
  /** By its id in any spelling of a UUID, by `urn:uuid:…`, or by the `instance` of its problem. */
  app.get<{ Params: { eventId: string } }>(
    '/events/:eventId',
    {
      schema: {
        summary: 'One event, by its id in any spelling or by the instance of its problem',
        response: { 200: EventBody },
      },
    },
    async ({ params }) => {
      const stored = await reads.event(params.eventId)
      if (stored === undefined) throw new apiErrors.EventNotFound()
      return eventBody(stored)
    },
  )
}
