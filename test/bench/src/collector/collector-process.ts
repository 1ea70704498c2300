// The collector under measurement, alone in its process: `startCollector` and nothing else.
import { join } from 'node:path'
import { hashToken, loadConfig, newToken, openStoreWriter, startCollector } from '@faultline/collector'
import type { Target } from './load-process.ts'

export interface CollectorMark {
  target: Target
  /** From the start of the process until it answers. */
  readyMs: number
  rssMb: number
  peakRssMb: number
  cpuSeconds: number
}

const [data = ''] = process.argv.slice(2)
const config = loadConfig({
  env: {},
  overrides: { data, port: 0, host: '127.0.0.1', rateLimit: 'off', logLevel: 'warn' },
})
const access = openAccess()
const collector = await startCollector(config)
const readyMs = performance.now()

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  const mark: CollectorMark = {
    target: { port: collector.port, ...access },
    readyMs,
    rssMb: process.memoryUsage.rss() / 1e6,
    peakRssMb: process.resourceUsage().maxRSS / 1e3,
    cpuSeconds: (user + system) / 1e6,
  }
  process.send?.(mark)
})
process.on('disconnect', () => void collector.close().then(() => process.exit()))

function openAccess(): Omit<Target, 'port'> {
  const store = openStoreWriter(join(config.data, 'store.db'))
  const now = Date.now()
  const publicKey = '0123456789abcdef0123456789abcdef'
  const projectId = 7
  // A restart finds them there.
  if (store.position() === 0) store.createProject({ name: 'shop', id: projectId, publicKey }, now)
  const token = newToken()
  store.createToken({ name: 'bench', role: 'viewer', hash: hashToken(token) }, now)
  store.close()
  return { projectId, publicKey, token }
}
