// What is too old, too much or a user's own leaves the collector, while it goes on taking events.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type CollectorConfig, loadConfig, startCollector } from '@faultline/collector'
import { newEventId } from '@faultline/core/adapter'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { eventually } from './eventually.js'

const DAY_MS = 86_400_000

/** A collector on the same data each time. */
function collectorsOf(t: Test) {
  const folder = t.testdir()
  const data = join(folder, 'data')
  let dsn: { projectId: number; publicKey: string } | undefined
  return {
    data,
    async start(config: Partial<CollectorConfig> = {}, ageMs = 0) {
      const defaults = {
        ...loadConfig({ env: {}, folder }),
        host: '127.0.0.1',
        port: 0,
        data,
        minFreeDiskBytes: 0,
      }
      const collector = await startCollector(
        { ...defaults, rateLimit: 'off', ...config },
        { log: pino({ level: 'silent' }), now: () => Date.now() - ageMs },
      )
      t.teardown(() => collector.close())
      if (dsn === undefined) {
        const { id, keys } = await collector.createProject({ name: 'Shop' })
        dsn = { projectId: id, publicKey: keys[0]?.publicKey ?? '' }
      }
      const { projectId, publicKey } = dsn
      const token = await collector.createToken({ name: 'admin', role: 'admin' })
      const ask = async (path: string, body?: object) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
        const init = body && { method: 'POST', body: JSON.stringify(body) }
        const response = await fetch(collector.url + path, { headers, ...init })
        if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
        return response
      }
      return {
        ...collector,
        projectId,
        // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
        ask: async (path: string, body?: object) => (await (await ask(path, body)).json()) as any,
        async send(events: object[]) {
          for (let at = 0; at < events.length; at += 100) {
            const response = await fetch(`${collector.url}/api/${projectId}/events`, {
              method: 'POST',
              headers: { authorization: `Bearer ${publicKey}`, 'content-type': 'application/json' },
              body: JSON.stringify({ id: crypto.randomUUID(), events: events.slice(at, at + 100) }),
            })
            if (response.status !== 202)
              throw new Error(`answered ${response.status}: ${await response.text()}`)
          }
        },
        async deleted(reason: string) {
          const metrics = await (await ask('/metrics')).text()
          const [, count = '0'] =
            new RegExp(`^faultline_deleted_events_total\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(
              metrics,
            ) ?? []
          return Number(count)
        },
      }
    },
  }
}

function events(count: number, at: number, user = 'somebody') {
  return Array.from({ length: count }, (_, number) => ({
    id: newEventId(),
    occurredAt: new Date(at).toISOString(),
    level: 'error',
    handled: false,
    mechanism: 'http',
    platform: 'node',
    service: 'shop',
    environment: 'production',
    exceptions: [
      {
        type: 'TypeError',
        message: `Cannot pay ${number}`,
        frames: [{ function: `pay${number % 7}`, file: 'src/pay.ts', line: 3, inApp: true }],
      },
    ],
    user: { id: user },
    extra: { note: Array.from({ length: 5 }, () => Math.random().toString(36)).join() },
    sdk: { name: '@faultline/node', version: '1.0.0' },
  }))
}

t.test('events older than so many days go, while new ones are taken', async (t) => {
  const collectors = collectorsOf(t)
  const old = await collectors.start({ retentionDays: 'off' }, 100 * DAY_MS)
  await old.send(events(3000, Date.now() - 100 * DAY_MS))
  await old.drain()
  await old.close()

  const now = await collectors.start({ retentionDays: 90 })
  for (let turn = 0; turn < 5; turn++) await now.send(events(100, Date.now(), 'new'))
  await eventually('deletion because of age', async () => (await now.deleted('age')) === 3000 || undefined)
  await now.drain()
  const { received, pending, outcomes } = await now.ask('/api/v1/stats/outcomes')
  t.same([received, pending], [3500, 0], 'the books still know of all')
  t.match(outcomes, [{ outcome: 'stored', count: 3500 }])
  const { items } = await now.ask('/api/v1/issues?query=user:new&limit=200')
  t.equal(items.length, 7)
  const found = await now.ask('/api/v1/search?q=user:somebody')
  t.same([found.events, found.issues], [[], []])
})

t.test('a store of limited size takes what comes, and its file stays as large', async (t) => {
  const collectors = collectorsOf(t)
  const sizes: number[] = []
  for (let turn = 0; turn < 6; turn++) {
    // A round comes with the start, the next one a minute later.
    const maxStoreBytes = turn > 2 ? (sizes[1] ?? 0) : 100_000_000
    const collector = await collectors.start({ retentionDays: 'off', maxStoreBytes })
    if (turn === 3)
      await eventually(
        'deletion because of size',
        async () => (await collector.deleted('size')) > 0 || undefined,
      )
    await collector.send(events(1000, Date.now(), `turn${turn}`))
    await collector.drain()
    const { events: newest } = await collector.ask(`/api/v1/search?q=user:turn${turn}`)
    t.equal(newest.length, 50, 'what is new is there')
    await collector.close()
    sizes.push(statSync(join(collectors.data, 'store.db')).size)
  }
  t.ok((sizes[1] ?? 0) > (sizes[0] ?? 0), `it grows at first: ${sizes}`)
  t.ok((sizes[5] ?? 0) < 1.1 * (sizes[2] ?? 0), `then no more: ${sizes}`)
})

t.test('everything about a user is gone from the data folder, while others send', async (t) => {
  const collectors = collectorsOf(t)
  const collector = await collectors.start()
  await collector.send(events(150, Date.now(), 'customer4711'))
  await collector.send(events(300, Date.now(), 'others'))
  await collector.drain()
  const [erased] = await Promise.all([
    collector.ask('/api/v1/erasures', { userId: 'customer4711' }),
    collector.send(events(300, Date.now(), 'others')),
  ])
  t.same(erased, { events: 150, attachments: 0, feedback: 0, issues: 7, deadLetters: 0 })
  await collector.drain()
  t.same((await collector.ask('/api/v1/search?q=user:customer4711')).events, [])
  const { items } = await collector.ask('/api/v1/issues')
  t.match(
    items.map(({ users }: { users: number }) => users),
    Array(7).fill(1),
  )
  for (const { id } of items) await collector.ask(`/api/v1/issues/${id}/events?limit=200`)
  await eventually(
    'deletion because of erasure',
    async () => (await collector.deleted('erasure')) === 150 || undefined,
  )
  await collector.close()
  for (const name of ['store.db', 'queue.db']) {
    t.notOk(readFileSync(join(collectors.data, name), 'latin1').includes('customer4711'), name)
  }
})
