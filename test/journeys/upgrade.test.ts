// A newer Faultline is started on the data of an older one: what operators and clients see meanwhile.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { growOldStore, OLD_KEY, OLD_TOKENS, placeOldStore } from '../golden/stores/old-store.js'
import { runFaultline, spawnCollector } from './collector-child.js'
import { eventually } from './eventually.js'

t.setTimeout(180_000)

const EVENTS = 400_000
const env = { FAULTLINE_MIN_FREE_DISK_BYTES: '0' }
const authorization = `Bearer ${OLD_TOKENS.viewer}`

t.test('while the store is upgraded events are taken, and everybody else is told to wait', async (t) => {
  const data = join(t.testdir(), 'data')
  growOldStore(placeOldStore(data), EVENTS)

  const first = spawnCollector(t, { data, env })
  const url = await first.ready
  t.equal((await fetch(`${url}/health/live`)).status, 200)
  const detail = await eventually('a sentence with per cent', async () => {
    const answer = await fetch(`${url}/health/ready`)
    if (answer.status !== 503) throw new Error('It is ready already: make the store larger.')
    const { detail } = (await answer.json()) as { detail: string }
    return detail.includes('%') ? detail : undefined
  })
  t.match(detail, /^The store is brought from version 1 to 2: [\d ]+ of 400 000 events \(\d+ %\)\.$/)

  t.equal(await send(url), 202, 'intake goes on')
  const answer = await fetch(`${url}/api/v1/issues`, { headers: { authorization } })
  t.equal(answer.status, 503)
  t.ok(answer.headers.get('retry-after'))
  t.match(await answer.json(), { detail: /^The store is brought from version 1 to 2/ })
  for (const command of ['create Extra', 'list']) {
    const { code, err } = await runFaultline(['project', ...command.split(' '), '--data', data])
    t.equal(code, 1)
    t.match(
      err,
      /^The store is being brought from version 1 to 2 \(\d+ %\): wait until the collector is ready/,
    )
  }
  t.equal((await fetch(`${url}/health/ready`)).status, 503, 'all of that was in the middle')

  const startedAt = Date.now()
  const { code, err } = await first.kill('SIGTERM')
  t.equal(code, 0, err)
  t.ok(Date.now() - startedAt < 10_000)
  t.match(first.printed(), /takes events while its store is upgraded/)
  t.match(first.printed(), /The upgrade of the store is interrupted: the next start goes on there\./)

  const second = spawnCollector(t, { data, env })
  const again = await second.ready
  const [, percent = ''] = await eventually('where it goes on', () => {
    return /version 1 to 2: [\d of]+ events \((\d+) %\)/.exec(second.printed()) ?? undefined
  })
  t.ok(Number(percent) > 0, `it goes on at ${percent} %`)
  await eventually('an end', async () => (await fetch(`${again}/health/ready`)).ok || undefined, 120_000)
  t.match(second.printed(), /The store is of version 2 now\./)
  const { items } = await eventually('what was taken meanwhile', async () => {
    const response = await fetch(`${again}/api/v1/issues?query=meanwhile`, { headers: { authorization } })
    const found = (await response.json()) as { items: unknown[] }
    return found.items.length > 0 ? found : undefined
  })
  t.match(items, [{ count: 1, service: 'shop' }])
  const dlq = await fetch(`${again}/api/v1/dlq/1/replay`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OLD_TOKENS.admin}` },
  })
  t.match(
    await dlq.json(),
    { outcomes: [{ outcome: 'stored' }] },
    'the body of its dead letter is still there',
  )
  t.equal((await second.kill('SIGTERM')).code, 0)
})

async function send(url: string): Promise<number> {
  const event = {
    id: randomUUID(),
    occurredAt: new Date().toISOString(),
    level: 'error',
    handled: false,
    mechanism: 'http',
    platform: 'node',
    service: 'shop',
    environment: 'production',
    exceptions: [{ type: 'Error', message: 'taken meanwhile', frames: [] }],
    sdk: { name: '@faultline/node', version: '0.1.0' },
  }
  const { status } = await fetch(`${url}/api/1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OLD_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id: randomUUID(), events: [event] }),
  })
  return status
}
