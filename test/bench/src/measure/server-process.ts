// One server of the comparison. Ends when its parent goes.
import { once } from 'node:events'
import { Session } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import type { ServerList } from './server-list.ts'

/** What a server says of itself when it is asked. */
export interface Mark {
  port: number
  atMs: number
  /** User and system time of the whole process: garbage collection and compilation are costs too. */
  cpuMicros: number
  requests: number
}

export type ServerOrder = { profile: 'start' | 'stop' } | { settle: true } | { mark: true }

const SAMPLING_MICROS = 200
const inspector = new Session()
let requests = 0
const [module = '', name = ''] = process.argv.slice(2)
const list: ServerList = await import(module)
const server = await list.createServer(name)
server.on('request', () => {
  requests++
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

process.on('message', async (order: ServerOrder) => {
  if ('settle' in order) await list.settle?.()
  process.send?.('profile' in order ? await profile(order.profile) : mark())
})
process.on('disconnect', () => process.exit())

function mark(): Mark {
  const { user, system } = process.cpuUsage()
  const { port } = server.address() as AddressInfo
  return { port, atMs: performance.now(), cpuMicros: user + system, requests }
}

async function profile(step: 'start' | 'stop'): Promise<object> {
  if (step === 'stop') return (await inspector.post('Profiler.stop')).profile
  inspector.connect()
  await inspector.post('Profiler.enable')
  await inspector.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROS })
  await inspector.post('Profiler.start')
  return {}
}
