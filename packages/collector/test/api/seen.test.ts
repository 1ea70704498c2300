import t from 'tap'
import { NOW, prepared, stockedApi } from './stocked-api.js'

const HOUR_MS = 3_600_000

t.test('releases say when they were seen and how often, the last one first', async (t) => {
  const { ask, save } = await stockedApi(t)
  const of = (release: string) => prepared({ issue: 'pay', release })
  save({ events: [of('1.0.0'), of('1.1.0'), of('1.0.0')], receivedAt: NOW - HOUR_MS })
  save({ events: [of('1.1.0')] })
  save({ projectId: 7, events: [of('1.0.0')], receivedAt: NOW - 2 * HOUR_MS })
  const [noon, eleven] = ['2026-11-20T12:00:00.000Z', '2026-11-20T11:00:00.000Z']
  const items = [
    { project: 42, release: '1.1.0', firstSeenAt: eleven, lastSeenAt: noon, events: 2 },
    { project: 42, release: '1.0.0', firstSeenAt: eleven, lastSeenAt: eleven, events: 2 },
  ]
  t.same((await ask('/releases?project=42')).body, { items, nextCursor: null })
  const first = await ask('/releases?project=42&limit=1')
  t.same(first.body.items, items.slice(0, 1))
  const rest = await ask(`/releases?project=42&cursor=${first.body.nextCursor}`)
  t.same(rest.body, { items: items.slice(1), nextCursor: null })
  t.match((await ask('/releases?cursor=x')).body, { status: 400, detail: /not one that this list has given/ })
})

t.test('a duplicate and an event that is taken back count for no release', async (t) => {
  const { ask, save, writer } = await stockedApi(t)
  const event = prepared({ issue: 'pay', release: '2.0.0' })
  save({ events: [event, event] })
  const lists = {
    requests: [],
    dropped: [],
    outcomes: [],
    dead: [],
    attachments: [],
    feedback: [],
    repeats: [],
  }
  writer.rehearse({
    ...lists,
    position: 9,
    projectId: 42,
    protocol: 'faultline',
    receivedAt: NOW,
    events: [prepared({ issue: 'pay', release: '2.0.0' })],
  })
  save({ events: [] })
  t.match((await ask('/releases')).body.items, [{ release: '2.0.0', events: 1 }])
})

t.test('services have their environments, of the time that is asked for', async (t) => {
  const { ask, save } = await stockedApi(t)
  const of = (service: string, environment: string, agoMs: number) =>
    prepared({ issue: service, service, environment, occurredAt: new Date(NOW - agoMs).toISOString() })
  save({
    events: [of('orders', 'staging', 1), of('orders', 'production', HOUR_MS), of('orders', 'staging', 1)],
  })
  save({ events: [of('mail', 'production', 5 * HOUR_MS)] })
  save({ events: [of('old', 'production', 1)], receivedAt: NOW - 31 * 24 * HOUR_MS })
  const orders = {
    project: 42,
    service: 'orders',
    environments: ['production', 'staging'],
    events: 3,
    lastSeenAt: '2026-11-20T11:00:00.000Z',
  }
  const { body } = await ask('/services?project=42')
  t.match(body.items, [{ service: 'mail', events: 1, lastSeenAt: '2026-11-20T07:00:00.000Z' }, orders])
  t.same((await ask('/services?since=-2h')).body, { items: [orders], nextCursor: null })
  t.match((await ask('/services?since=-32d&until=-30d')).body.items, [{ service: 'old' }])
  const first = await ask('/services?limit=1')
  t.same((await ask(`/services?cursor=${first.body.nextCursor}`)).body.items, [orders])
})
