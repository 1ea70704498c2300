import type { Shop } from '@faultline/example-catalogue/shop'
import { Type } from '@sinclair/typebox'
import createError from 'http-errors'
import type { ShopApp } from './shop-app.ts'

/** Routes that go wrong in ways that no catalogue foresees. */
export function addTroubleRoutes(app: ShopApp, shop: Shop): void {
  // A bug: nobody declared it, so the client learns nothing but 500.
  app.get(
    '/accounts/:account/largest-order',
    {
      schema: {
        summary: 'Crashes for an account without orders',
        params: Type.Object({ account: Type.String() }),
      },
    },
    async (request) => shop.largestOrder(request.params.account),
  )

  app.get('/exports/orders.csv', { schema: { summary: 'Fails half-way' } }, async (_request, reply) =>
    reply.type('text/csv').send(shop.exportOrders()),
  )

  // Code from before the catalogue throws http-errors; it need not be touched.
  app.get('/coupons/:code', { schema: { summary: 'Throws an http-error' } }, async () => {
    throw createError(410, 'That coupon has expired.')
  })
}
