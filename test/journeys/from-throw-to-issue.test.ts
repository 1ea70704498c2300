// One error, from the throw in a service to its issue in the collector's API, by the id that the client was answered.
import { loadConfig, startCollector } from '@faultline/collector'
import { errorPlugin, serverErrors } from '@faultline/fastify'
import { createReporter } from '@faultline/node'
import Fastify from 'fastify'
import { pino } from 'pino'
import t from 'tap'

const log = pino({ level: 'silent' })
const config = loadConfig({ env: {}, folder: t.testdir() })
const collector = await startCollector(
  { ...config, host: '127.0.0.1', port: 0, data: `${t.testdirName}/data`, minFreeDiskBytes: 0 },
  { log },
)
t.teardown(() => collector.close())
const { dsn } = await collector.createProject({ name: 'Orders' })
const token = await collector.createToken({ name: 'support', role: 'viewer' })

const reporter = createReporter({ dsn, service: 'orders', environment: 'production', release: '1.4.2' })
const app = Fastify({ loggerInstance: log, ...serverErrors({ reporter }) })
await app.register(errorPlugin, { reporter })
app.get('/orders/:id', async () => findOrder())
const url = await app.listen({ port: 0, host: '127.0.0.1' })
t.teardown(() => app.close())

t.test('support finds the event by what the customer quotes', async (t) => {
  const answer = await fetch(`${url}/orders/7?token=s3cret`, {
    headers: { authorization: 'Bearer abcdefghijklmnop', 'user-agent': 'shop-app/3.1' },
  })
  t.equal(answer.status, 500)
  const { instance } = (await answer.json()) as { instance: string }
  t.match(instance, /^urn:uuid:/)

  t.ok(await reporter.flush(10_000))
  await collector.drain()
  const event = await ask(`/api/v1/events/${encodeURIComponent(instance)}`)
  t.match(event, {
    service: 'orders',
    environment: 'production',
    release: '1.4.2',
    level: 'error',
    handled: false,
    mechanism: 'http',
    exceptions: [
      { type: 'TypeError', message: 'The order has no lines.', frames: [{ function: 'findOrder' }] },
    ],
    request: { method: 'GET', route: '/orders/:id', status: 500, userAgent: 'shop-app/3.1' },
    problem: { instance, status: 500 },
  })
  t.notMatch(JSON.stringify(event), /s3cret|abcdefghijklmnop/, 'and no secret with it')

  const issue = await ask(`/api/v1/issues/${event.issueId}`)
  t.match(issue, {
    shortId: 'ORDERS-1',
    title: 'TypeError: The order has no lines.',
    culprit: /findOrder/,
    severity: 'high',
    status: 'unresolved',
    count: 1,
    service: 'orders',
    release: '1.4.2',
  })
})

t.test('the same error again is the same issue, and errors of clients are none', async (t) => {
  await fetch(`${url}/orders/8`)
  t.equal((await fetch(`${url}/nothing`)).status, 404)
  t.ok(await reporter.flush(10_000))
  await collector.drain()
  const { items } = (await ask('/api/v1/issues')) as { items: unknown[] }
  t.match(items, [{ shortId: 'ORDERS-1', count: 2 }])
  t.equal(items.length, 1)
  const { received, outcomes, pending } = await collector.readBooks()
  t.equal(received.get(1), 2)
  t.match(outcomes, [{ outcome: 'stored', protocol: 'faultline', count: 2 }])
  t.equal(pending.events, 0)
})

function findOrder(): never {
  throw new TypeError('The order has no lines.')
}

async function ask(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(collector.url + path, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}
