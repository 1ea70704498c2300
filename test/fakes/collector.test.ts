// A fake that is too kind hides mistakes: it is tried like the real thing.
import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { Batch, ErrorEvent } from '@faultline/protocol'
import t from 'tap'
import { type Collector, type CollectorOptions, faults, startCollector } from './collector.js'

const key = '0123456789abcdef0123456789abcdef'

t.test('it keeps a batch and sums its counts; the same batch again adds nothing', async (t) => {
  const collector = await start(t)
  const eventId = randomUUID()
  const counts = {
    requests: [countOf('/orders', 2), countOf('/orders', 3), countOf('/', 1)],
    repeats: [{ eventId, count: 7, until: '2026-11-23T10:44:08.676Z' }],
    dropped: [{ reason: 'sampled', count: 4 }],
  }
  const batch = batchOf([eventOf({ id: eventId }), eventOf()], counts)
  const first = await send(collector, { body: batch })
  t.strictSame(await send(collector, { body: batch }), first, 'answered alike')
  await send(collector, { body: batchOf([], counts) })

  t.strictSame(first, { status: 202, body: { accepted: 2, rejected: [] } })
  t.strictSame(collector.events, batch.events)
  t.equal(collector.batches.length, 2)
  t.strictSame(collector.replays, [batch.id])
  t.strictSame(collector.requests, [countOf('/orders', 10), countOf('/', 2)])
  t.strictSame(collector.repeats, { [eventId]: 14 })
  t.strictSame(collector.dropped, { sampled: 8 })
  t.strictSame([collector.duplicates, collector.refused], [[], []])
})

t.test(
  'it tells of what must not happen: an event in two batches, an event or a batch that is wrong',
  async (t) => {
    const collector = await start(t)
    const event = eventOf()
    await send(collector, { body: batchOf([event]) })
    await send(collector, { body: batchOf([event]) })
    t.strictSame(collector.duplicates, [event.id])

    const mixed = batchOf([{ ...eventOf(), level: 'odd' as 'error' }, eventOf()])
    const answer = await send(collector, { body: mixed })
    t.match(answer, { status: 202, body: { accepted: 1, rejected: [{ index: 0 }] } })
    t.match(collector.refused, [{ batchId: mixed.id, index: 0, mistakes: [/level/] }])
    t.equal((await send(collector, { body: { ...batchOf([]), id: 'x' } })).status, 400)
    t.match(collector.refused[1]?.mistakes, [/id/])
    t.equal(collector.events.length, 2)
  },
)

t.test('it refuses a wrong key, project, address, encoding or size', async (t) => {
  const collector = await start(t, { bodyLimitBytes: 5000 })
  const body = batchOf([eventOf()])
  const statusOf = async (options: Partial<Sending>) => (await send(collector, { body, ...options })).status

  t.equal(await statusOf({ headers: { authorization: 'Bearer wrong' } }), 401)
  t.equal(await statusOf({ headers: { authorization: '' } }), 401)
  t.equal(await statusOf({ path: '/api/2/events' }), 404)
  t.equal(await statusOf({ path: '/api/1/nothing' }), 404)
  t.equal(await statusOf({ headers: { 'content-encoding': 'lzma' } }), 415)
  t.equal(await statusOf({ headers: { 'content-encoding': 'gzip' } }), 400, 'it is no gzip')
  t.equal(await statusOf({ body: Buffer.from('{') }), 400)
  t.equal(await statusOf({ body: Buffer.alloc(100_000, ' ') }), 413)
  const bomb = gzipSync(Buffer.alloc(100_000))
  t.equal(await statusOf({ body: bomb, headers: { 'content-encoding': 'gzip' } }), 413)
  t.equal(collector.counted.events, 0)
  t.equal(collector.attempts, 9)

  for (const [encoding, pack] of packers) {
    const packed = pack(Buffer.from(JSON.stringify(batchOf([eventOf()]))))
    t.equal(await statusOf({ body: packed, headers: { 'content-encoding': encoding } }), 202, encoding)
  }
})

t.test('it takes envelopes of Sentry SDKs', async (t) => {
  const collector = await start(t)
  const id = 'fbc3b8650bab44b0bf48ab2df5c7ec06'
  const event = JSON.stringify({ exception: { values: [{ type: 'TypeError', value: 'x' }] } })
  const lost = { discarded_events: [{ reason: 'ratelimit_backoff', category: 'error', quantity: 3 }] }
  // As @sentry/node 11 sends it: no lengths, an unknown item first; then with lengths, and a newline in the payload.
  const bare = [
    JSON.stringify({ event_id: id, sdk: { name: 'sentry.javascript.node' } }),
    '{"type":"session"}',
    '{"sid":"bdee668838cd461eb6421ea14e03f479","init":true}',
    '{"type":"event"}',
    event,
    '',
  ].join('\n')
  const report = JSON.stringify(lost, null, 1)
  const item = `{"type":"client_report","length":${report.length}}\n${report}`
  const withLengths = `{"dsn":"${collector.dsn}"}\n${item}\n{"type":"event","length":${event.length}}\n${event}`

  const inQuery = await send(collector, {
    path: `/api/1/envelope/?sentry_version=7&sentry_key=${key}`,
    body: bare,
  })
  t.strictSame(inQuery, { status: 200, body: { id } })
  const auth = { 'x-sentry-auth': `Sentry sentry_version=7, sentry_key=${key}, sentry_client=x/1` }
  t.equal(
    (await send(collector, { path: '/api/1/envelope', body: bare, headers: auth })).status,
    200,
    'again',
  )
  t.equal((await send(collector, { path: '/api/1/envelope/', body: withLengths })).status, 200)
  t.equal((await send(collector, { path: '/api/1/envelope/', body: '{}' })).status, 401)
  t.equal(
    (await send(collector, { path: '/api/1/envelope/', body: 'no envelope', headers: auth })).status,
    400,
  )

  t.match(collector.sentryEvents, [
    { event_id: id, exception: { values: [{ type: 'TypeError' }] } },
    { event_id: /^[\da-f]{32}$/ },
  ])
  t.equal(collector.sentryEvents.length, 2)
  t.strictSame(collector.clientReports, [lost])
})

t.test('it counts without keeping, for benchmarks', async (t) => {
  const collector = await start(t, { record: false })
  await send(collector, { body: batchOf([eventOf(), eventOf()]) })
  const envelope = '{}\n{"type":"event"}\n{}'
  await send(collector, { path: `/api/1/envelope/?sentry_key=${key}`, body: envelope })
  t.strictSame(collector.counted, { requests: 2, events: 3 })
  t.strictSame([collector.events, collector.batches, collector.sentryEvents], [[], [], []])
})

t.test('faults answer what they say, as often as they are told', async (t) => {
  const collector = await start(t)
  const sendOne = () => send(collector, { body: batchOf([eventOf()]) })
  const date = new Date('2026-11-23T10:44:08Z')

  collector.answerWith(faults.status(429, { retryAfter: date }), { times: 2 })
  t.match(await sendOne(), { status: 429, retryAfter: 'Mon, 23 Nov 2026 10:44:08 GMT' })
  t.equal((await sendOne()).status, 429)
  t.equal((await sendOne()).status, 202)

  collector.answerWith(faults.status(503, { retryAfter: 1 }))
  t.match(await sendOne(), { status: 503, retryAfter: '1' })
  collector.answerWith(faults.noSuchService())
  t.match(await sendOne(), { status: 404, body: /<html>/ })
  collector.answerWith(faults.garbage())
  t.match(await sendOne(), { status: 200, body: /<html>/ })
  t.equal(collector.events.length, 1)
  collector.answerWith(faults.garbage({ keeps: true }))
  t.match(await sendOne(), { status: 200, body: /<html>/ })
  t.equal(collector.events.length, 2)

  collector.answerWith(faults.reject(0))
  t.match(await sendOne(), { status: 202, body: { accepted: 0, rejected: [{ index: 0 }] } })
  collector.answerWith()
  t.equal((await sendOne()).status, 202)
  t.equal(collector.events.length, 3)
})

t.test('faults break the connection, before and after the batch is kept', async (t) => {
  const collector = await start(t)
  const sendOne = (size = 10) => send(collector, { body: batchOf([eventOf({ message: 'x'.repeat(size) })]) })

  collector.answerWith(faults.reset())
  await t.rejects(sendOne(), { code: 'ECONNRESET' })
  collector.answerWith(faults.dieMidBody())
  await t.rejects(sendOne(1_000_000), { code: /ECONNRESET|EPIPE/ })
  t.equal(collector.events.length, 0)
  collector.answerWith(faults.resetAfterKeeping())
  await t.rejects(sendOne(), { code: 'ECONNRESET' })
  t.equal(collector.events.length, 1)
  t.equal(collector.attempts, 3)
})

t.test('faults let one wait: until the test says so, or until the collector is stopped', async (t) => {
  const collector = await start(t)
  let release = () => {}
  collector.answerWith(faults.slow(new Promise<void>((resolve) => (release = resolve))))
  const slow = send(collector, { body: batchOf([eventOf()]) })
  await collector.waitFor(({ events }) => events.length === 1)
  let isAnswered = false
  slow.then(() => {
    isAnswered = true
  })
  collector.answerWith()
  t.equal((await send(collector, { body: batchOf([]) })).status, 202, 'another one overtakes it')
  t.notOk(isAnswered)
  release()
  t.equal((await slow).status, 202)

  collector.answerWith(faults.silence())
  const silent = send(collector, { body: batchOf([eventOf()]) })
  await collector.waitFor(({ attempts }) => attempts === 3)
  await Promise.all([t.rejects(silent, { code: 'ECONNRESET' }), collector.stop()])
  await t.rejects(send(collector, { body: batchOf([]) }), { code: 'ECONNREFUSED' })

  const { dsn } = collector
  await collector.restart()
  collector.answerWith()
  t.equal(collector.dsn, dsn)
  t.equal((await send(collector, { body: batchOf([eventOf()]) })).status, 202)
  t.equal(collector.events.length, 2)
})

const packers: [string, (bytes: Buffer) => Buffer][] = [
  ['', (bytes) => bytes],
  ['utf-8', (bytes) => bytes],
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
]

async function start(t: Tap, options?: CollectorOptions): Promise<Collector> {
  const collector = await startCollector(options)
  t.teardown(() => collector.stop())
  return collector
}

type Tap = Pick<typeof import('tap').t, 'teardown'>

function batchOf(events: ErrorEvent[], counts: Partial<Batch> = {}): Batch {
  return { id: randomUUID(), events, ...counts }
}

function eventOf(more: Partial<ErrorEvent> = {}): ErrorEvent {
  return {
    id: randomUUID(),
    occurredAt: '2026-11-23T10:44:08.676Z',
    level: 'error',
    handled: false,
    mechanism: 'http',
    platform: 'node',
    service: 'orders',
    environment: 'test',
    exceptions: [],
    sdk: { name: 'test', version: '1' },
    ...more,
  }
}

function countOf(route: string, count: number) {
  const minute = '2026-11-23T10:44:00.000Z'
  return { minute, service: 'orders', environment: 'test', route, status: '5xx' as const, count }
}

interface Sending {
  path?: string
  body: unknown
  headers?: Record<string, string>
}

/** By node:http, which passes on the codes of broken connections. */
function send(collector: Collector, { path = '/api/1/events', body, headers }: Sending) {
  const bytes = Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise<{ status?: number; retryAfter?: string; body: unknown }>((resolve, reject) => {
    const request = httpRequest(collector.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, ...headers },
    })
    request.on('error', reject)
    request.on('response', async (response) => {
      const text = await new Response(response as never).text()
      const isJson = response.headers['content-type'] === 'application/json'
      const retryAfter = response.headers['retry-after']
      resolve({
        status: response.statusCode,
        ...(retryAfter && { retryAfter }),
        body: isJson ? JSON.parse(text) : text,
      })
    })
    request.end(bytes)
  })
}
