// The collector under measurement, alone in its process: `startCollector` and nothing else.
import { join } from 'node:path'
import { hashToken, loadConfig, newToken, openStoreWriter, startCollector } from '@faultline/collector'
import type { Target } from './load-process.ts'
import { microsByFile } from './profile-table.ts'
import { createThreadProfiler, type ThreadProfiler } from './thread-profiler.ts'

export type CollectorOrder = { profile: 'start' | 'stop' } | { mark: true }

/** Microseconds by file, of each thread. */
export type ThreadCosts = Record<string, [file: string, micros: number][]>

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

let profiler: ThreadProfiler

process.on('message', async (order: CollectorOrder) => {
  process.send?.('profile' in order ? await profile(order.profile) : mark())
})
process.on('disconnect', () => void collector.close().then(() => process.exit()))

async function profile(step: 'start' | 'stop'): Promise<ThreadCosts> {
  if (step === 'stop') {
    const profiles = Object.entries(await profiler.stop())
    return Object.fromEntries(profiles.map(([thread, profile]) => [thread, [...microsByFile(profile)]]))
  }
  profiler = await createThreadProfiler()
  await profiler.start()
  return {}
}

function mark(): CollectorMark {
  const { user, system } = process.cpuUsage()
  return {
    target: { port: collector.port, ...access },
    readyMs,
    rssMb: process.memoryUsage.rss() / 1e6,
    peakRssMb: process.resourceUsage().maxRSS / 1e3,
    cpuSeconds: (user + system) / 1e6,
  }
}

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
