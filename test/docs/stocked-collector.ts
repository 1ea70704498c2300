// A collector with the two issues that docs/reference/query-api.md asks for.
import { parseDsn } from '@faultline/protocol'
import type { Test } from 'tap'
import { type StartedCollector, startedCollector } from './started-collector.js'

export async function stockedCollector(t: Test): Promise<StartedCollector> {
  const started = await startedCollector(t, 'Shop')
  const { publicKey } = parseDsn(started.dsn)
  const response = await fetch(`${started.collector.url}/api/1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${publicKey}` },
    body: JSON.stringify({ id: '01a20a01-d6aa-74cb-a9bf-f41e7b2842e2', events }),
  })
  t.match(await response.json(), { accepted: events.length })
  await started.collector.drain()
  return started
}

const now = new Date().toISOString()

const base = {
  occurredAt: now,
  level: 'error',
  handled: false,
  mechanism: 'http',
  platform: 'node',
  environment: 'production',
  release: '1.4.2',
  sdk: { name: '@faultline/node', version: '0.1.0' },
}

const noPrice = {
  ...base,
  service: 'orders',
  exceptions: [
    {
      type: 'TypeError',
      message: 'Cannot read the price of a lamp.',
      frames: [{ function: 'priceOf', file: 'src/orders.ts', line: 12, inApp: true }],
    },
  ],
  request: {
    method: 'GET',
    route: '/orders/:id',
    url: '/orders/7',
    status: 500,
    headers: { cookie: 'sid=8fk2Lq9' },
  },
  tenant: 'acme',
  trace: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
  tags: { region: 'eu' },
}

const events = [
  { ...noPrice, id: '01a20a01-d698-7040-ae99-5a9ae996d167', user: { id: '7', email: 'ann@shop.example' } },
  { ...noPrice, id: '01a20a01-d699-7040-ae99-5a9ae996d168', user: { id: '8' } },
  {
    ...base,
    id: '01a20a01-d69a-7040-ae99-5a9ae996d169',
    service: 'payments',
    level: 'warning',
    handled: true,
    mechanism: 'guard',
    exceptions: [{ type: 'TimeoutError', message: 'timeout of the bank', frames: [] }],
  },
]
