import { problems } from '@faultline/example-catalogue'
import type { Shop } from '@faultline/example-catalogue/shop'
import { problemResponses } from '@faultline/fastify'
import { Type } from '@sinclair/typebox'
import type { ShopApp } from './shop-app.ts'

const NewOrder = Type.Object({
  reference: Type.String({ minLength: 1, maxLength: 20 }),
  account: Type.String(),
  article: Type.String(),
  quantity: Type.Integer({ minimum: 1, maximum: 100 }),
})
const Order = Type.Object({ id: Type.Integer(), ...NewOrder.properties, cost: Type.Number() })

export function addOrderRoutes(app: ShopApp, shop: Shop): void {
  app.post(
    '/orders',
    {
      schema: {
        summary: 'Places an order',
        body: NewOrder,
        response: {
          201: Order,
          ...problemResponses(
            problems.ValidationFailed,
            problems.OutOfCredit,
            problems.NotFound,
            problems.OrderExists,
            problems.SoldOut,
            problems.PricesTooSlow,
          ),
        },
      },
    },
    async (request, reply) => {
      const order = await shop.placeOrder(request.body)
      return reply.code(201).send(order)
    },
  )

  app.get(
    '/orders',
    {
      schema: {
        summary: 'Lists orders',
        querystring: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 50, default: 20 }) }),
        response: { 200: Type.Array(Order), ...problemResponses(problems.ValidationFailed) },
      },
    },
    async (request) => shop.listOrders(request.query.limit),
  )

  app.get(
    '/orders/:id',
    {
      schema: {
        summary: 'Reads an order',
        params: Type.Object({ id: Type.Integer() }),
        response: { 200: Order, ...problemResponses(problems.ValidationFailed, problems.NotFound) },
      },
    },
    async (request) => shop.getOrder(request.params.id),
  )
}
