import type { Shop } from '@faultline/example-catalogue/shop'
import { Router } from 'express'
import createError from 'http-errors'

/** Routes that go wrong in ways that no catalogue foresees. */
export function troubleRoutes(shop: Shop): Router {
  const routes = Router()

  // A bug: nobody declared it, so the client learns nothing but 500.
  routes.get('/accounts/:account/largest-order', (request, response) => {
    response.json(shop.largestOrder(request.params.account))
  })

  // Express has no idea of streams: the error has to be handed on.
  routes.get('/exports/orders.csv', (_request, response, next) => {
    response.type('text/csv')
    shop.exportOrders().on('error', next).pipe(response)
  })

  // Code from before the catalogue throws http-errors; it need not be touched.
  routes.get('/coupons/:code', () => {
    throw createError(410, 'That coupon has expired.')
  })

  return routes
}
