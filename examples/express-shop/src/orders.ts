import { validationFailed } from '@faultline/core'
import type { Shop } from '@faultline/example-catalogue/shop'
import { Router } from 'express'
import { z } from 'zod'

const NewOrder = z.object({
  reference: z.string().min(1).max(20),
  account: z.string(),
  article: z.string(),
  quantity: z.int().min(1).max(100),
})
const Page = z.object({ limit: z.coerce.number().int().min(1).max(50).default(20) })
const Id = z.object({ id: z.coerce.number().int() })

export function orderRoutes(shop: Shop): Router {
  const routes = Router()

  routes.post('/', async (request, response) => {
    const order = await shop.placeOrder(parse(NewOrder, request.body, 'body'))
    response.status(201).json(order)
  })

  routes.get('/', (request, response) => {
    const { limit } = parse(Page, request.query, 'query')
    response.json(shop.listOrders(limit))
  })

  routes.get('/:id', (request, response) => {
    const { id } = parse(Id, request.params, 'path')
    response.json(shop.getOrder(id))
  })

  return routes
}

/** The parsed input, or a `ValidationFailed` that names its mistakes. */
function parse<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  part: 'body' | 'query' | 'path',
): z.output<Schema> {
  const result = schema.safeParse(input)
  return result.success ? result.data : validationFailed(result.error, { in: part })
}
