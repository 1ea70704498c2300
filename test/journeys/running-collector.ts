import { join } from 'node:path'
import { type Collector, type CollectorConfig, loadConfig, startCollector } from '@faultline/collector'
import type { ErrorEvent } from '@faultline/protocol'
import { pino } from 'pino'
import type { Test } from 'tap'

export interface Issue {
  id: string
  shortId: string
  title: string
  type: string
  message: string
  culprit: string
  severity: string
  level: string
  count: number
  release: string | null
}

export interface ReadEvent extends ErrorEvent {
  issueId: string
  scrubbed: string[]
}

export interface RunningCollector extends Collector {
  /** As `faultline project create` prints it. */
  dsn: string
  publicKey: string
  projectId: number
  /** Of its databases. */
  data: string
  /** What the API answers, once all that has come is digested. */
  ask<Answer>(path: string): Promise<Answer>
  issues(): Promise<Issue[]>
  /** Newest first. */
  eventsOf(issueId: string): Promise<ReadEvent[]>
  event(id: string): Promise<ReadEvent>
  /** Outcomes of events by `protocol outcome reason`. */
  outcomes(): Promise<Record<string, number>>
  /** How many requests it has refused so far, by reason. */
  refused(): Promise<Record<string, number>>
}

export interface RunOptions {
  config?: Partial<CollectorConfig>
  project?: { id?: number; publicKey?: string }
  now?: () => number
}

/** A collector in this process with one project, its databases in a folder of the test. */
export async function runCollector(t: Test, options: RunOptions = {}): Promise<RunningCollector> {
  const folder = t.testdir()
  const data = join(folder, 'data')
  const config = { ...loadConfig({ env: {}, folder }), host: '127.0.0.1', port: 0, data, minFreeDiskBytes: 0 }
  const collector = await startCollector(
    { ...config, ...options.config },
    { log: pino({ level: 'silent' }), now: options.now },
  )
  t.teardown(() => collector.close())
  const { id, dsn, keys } = await collector.createProject({ name: 'Shop', ...options.project })
  const token = await collector.createToken({ name: 'support', role: 'viewer' })

  const ask = async <Answer>(path: string) => {
    await collector.drain()
    const response = await fetch(collector.url + path, { headers: { authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as Answer
  }
  const items = async <Item>(path: string) => (await ask<{ items: Item[] }>(path)).items

  return {
    ...collector,
    dsn,
    publicKey: keys[0]?.publicKey ?? '',
    projectId: id,
    data,
    ask,
    issues: () => items('/api/v1/issues?status=all&limit=200'),
    eventsOf: (issueId) => items(`/api/v1/issues/${issueId}/events?limit=200`),
    event: (eventId) => ask(`/api/v1/events/${eventId}`),
    async outcomes() {
      await collector.drain()
      const { outcomes } = await collector.readBooks()
      return Object.fromEntries(
        outcomes.map(({ protocol, outcome, reason, count }) => [
          `${protocol} ${outcome} ${reason}`.trim(),
          count,
        ]),
      )
    },
    async refused() {
      const text = await (await fetch(`${collector.url}/metrics`)).text()
      const counts = text.matchAll(/^faultline_refused_requests_total\{reason="(\w+)"\} (\d+)$/gm)
      return Object.fromEntries([...counts].map(([, reason, count]) => [reason, Number(count)]))
    },
  }
}
