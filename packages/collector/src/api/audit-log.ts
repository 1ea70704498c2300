import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { AuditBody, auditBody } from './audit-body.js'
import { PAGE, PERIOD, pageOf, queryOf, readPeriod } from './query.js'

const Query = queryOf({
  ...PAGE,
  ...PERIOD,
  actor: Type.Optional(Type.String()),
  action: Type.Optional(Type.String()),
})

export function addAuditRoutes(app: FastifyInstance, { reads, now }: ApiOptions): void {
  /** Who has changed what; the last change first. */
  app.get<{ Querystring: Static<typeof Query> }>(
    '/audit-log',
    {
      schema: {
        summary: 'Who has changed what, the last change first',
        querystring: Query,
        response: { 200: pageOf(AuditBody) },
      },
    },
    async ({ query: { since, until, ...rest } }) => {
      const period = readPeriod({ since, until }, now())
      const { items, nextCursor } = await reads.auditLog({ ...rest, ...period })
      return { items: items.map(auditBody), nextCursor }
    },
  )
}
