import type { Server } from 'node:http'
import { createReporter, type NodeReporter } from '@faultline/node'

/** Who hears of what a service does. Neither: only the error handler, which tells nobody. */
export interface Listener {
  reporter?: NodeReporter
  sentry?: typeof import('./sentry.ts')
}

let listener: Listener = {}
let orders = 0

const handlers: Record<string, () => object> = {
  success: () => ({ ok: true }),
  /** As services fail: at the same place, with a message that names what it was about. */
  failing: () => readOrder(`order ${orders++}`),
  /** As they fail when something is down. */
  storm: () => readOrder('the order'),
}

/** `fastify failing sentry`: the framework, what it does, and who hears of it. */
export async function createServer(name: string): Promise<Server> {
  const [framework, what = '', who = ''] = name.split(' ')
  const handler = handlers[what]
  if (handler === undefined) throw new Error(`There is no server '${name}'`)
  listener = await listenerOf(who)
  if (framework === 'fastify') return (await import('./fastify-server.ts')).fastifyServer(handler, listener)
  return (await import('./express-server.ts')).expressServer(handler, listener)
}

/** Sends what waits. */
export async function settle(): Promise<void> {
  const { reporter, sentry } = listener
  const isDone = (await reporter?.flush(FLUSH_MS)) ?? (await sentry?.flush(FLUSH_MS)) ?? true
  if (!isDone) throw new Error('what waited could not be sent')
}

const FLUSH_MS = 30_000

async function listenerOf(who: string): Promise<Listener> {
  switch (who) {
    case 'sentry':
      return { sentry: await import('./sentry.ts') } // before the framework, as its manual says
    case 'reporter':
      return { reporter: createReporter() }
    case 'unlimited-reporter':
      return { reporter: createReporter({ maxEqualPerMinute: Number.POSITIVE_INFINITY }) }
    default:
      return {}
  }
}

function readOrder(which: string): object {
  return readRow(which)
}

function readRow(which: string): object {
  throw new Error(`${which} could not be read`)
}
