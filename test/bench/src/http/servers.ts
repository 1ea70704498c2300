import type { Server } from 'node:http'
import type { CreateServer } from '../measure/server-list.ts'

/** A server by its name, `fastify 500 bare`. Only what it needs is loaded. */
export async function createServer(name: string): Promise<Server> {
  if (name.endsWith('sentry')) await import('./sentry.ts') // before the framework, as its manual says
  const [framework] = name.split(' ')
  const servers: Record<string, CreateServer> =
    framework === 'fastify'
      ? (await import('./fastify-servers.ts')).fastifyServers
      : (await import('./express-servers.ts')).expressServers
  const create = servers[name]
  if (create === undefined) throw new Error(`There is no server '${name}'; there are ${Object.keys(servers)}`)
  return create()
}
