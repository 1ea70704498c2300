import type { Writable } from 'node:stream'
import type { Reporter } from '@faultline/core'
import { mappings, problems } from '@faultline/example-catalogue'
import { createShop } from '@faultline/example-catalogue/shop'
import { errorMiddleware, notFound, problemDocs, requestContext } from '@faultline/express'
import express, { type Express } from 'express'
import { pino } from 'pino'
import { pinoHttp } from 'pino-http'
import { orderRoutes } from './orders.ts'
import { troubleRoutes } from './trouble.ts'

export interface AppOptions {
  /** Where the log goes. Default: standard output. */
  log?: Writable | false
  reporter?: Reporter
}

/** The shop; give it to `listen`, and the server to `serverErrors` (see main.ts). */
export function createApp({ log, reporter }: AppOptions = {}): Express {
  const shop = createShop()
  const app = express()
  app.use(requestContext)
  app.use(pinoHttp({ logger: pino({ enabled: log !== false }, log || pino.destination()) }))
  app.use(express.json({ limit: 10_000 }))

  app.use('/orders', orderRoutes(shop))
  app.use(troubleRoutes(shop))
  app.use('/problems', problemDocs(problems))

  app.use(notFound)
  app.use(errorMiddleware({ problems, mappings, reporter }))
  return app
}
