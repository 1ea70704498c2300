import { type Collector, loadConfig, startCollector } from '@faultline/collector'
import { pino } from 'pino'
import type { Test } from 'tap'

export interface StartedCollector {
  collector: Collector
  dsn: string
  token: string
  /** A path below `/api/v1`. */
  ask(path: string): Promise<Record<string, unknown>>
}

/** A collector on a free port, with a project and a token. */
export async function startedCollector(t: Test, project: string): Promise<StartedCollector> {
  const folder = t.testdir()
  const config = loadConfig({ env: {}, folder })
  const collector = await startCollector(
    { ...config, host: '127.0.0.1', port: 0, data: `${folder}/data`, minFreeDiskBytes: 0 },
    { log: pino({ level: 'silent' }) },
  )
  t.teardown(() => collector.close())
  const { dsn } = await collector.createProject({ name: project })
  const token = await collector.createToken({ name: 'docs', role: 'admin' })
  return {
    collector,
    dsn,
    token,
    async ask(path) {
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(`${collector.url}/api/v1${path}`, { headers })
      return (await response.json()) as Record<string, unknown>
    },
  }
}
