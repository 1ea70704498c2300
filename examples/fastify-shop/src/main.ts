import { buildApp } from './app.ts'

const app = await buildApp()
const address = await app.listen({ port: Number(process.env.PORT ?? 3000) })
app.log.info(`Problems of each route: ${address}/docs`)
