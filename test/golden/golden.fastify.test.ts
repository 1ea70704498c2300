import { runGoldenList } from './run-on.js'

runGoldenList('fastify')
