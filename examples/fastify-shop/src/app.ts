import type { Writable } from 'node:stream'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Reporter } from '@faultline/core'
import { mappings, problems } from '@faultline/example-catalogue'
import { createShop } from '@faultline/example-catalogue/shop'
import { errorPlugin, serverErrors } from '@faultline/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { addOrderRoutes } from './orders.ts'
import { addTroubleRoutes } from './trouble.ts'

export interface AppOptions {
  /** Where the log goes. Default: standard output. */
  log?: Writable | false
  reporter?: Reporter
}

/** The shop, ready to listen. */
export async function buildApp({ log, reporter }: AppOptions = {}): Promise<FastifyInstance> {
  const options = { problems, mappings, reporter, docs: '/problems' }
  const app = Fastify({
    logger: log === undefined ? true : log && { stream: log },
    // All mistakes of a body at once; its size has a limit.
    ajv: { customOptions: { allErrors: true } },
    bodyLimit: 10_000,
    ...serverErrors(options),
  })

  await app.register(errorPlugin, options)
  await app.register(swagger, { openapi: { info: { title: 'The shop on Fastify', version: '1' } } })
  await app.register(swaggerUi, { routePrefix: '/docs' })

  const shop = createShop()
  const typed = app.withTypeProvider<TypeBoxTypeProvider>()
  addOrderRoutes(typed, shop)
  addTroubleRoutes(typed, shop)
  return app
}
