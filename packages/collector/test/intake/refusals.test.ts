// What intake refuses, how it says so, and what of it is counted.
import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { sampleEvent } from '../../../protocol/test/sample-event.js'
import { RateLimit } from '../../src/intake/rate-limit.js'
import { Tally } from '../../src/intake/tally.js'
import { QueueFull } from '../../src/queue/queue.js'
import { type Answer, FakeQueue, key, newId, otherKey, sendTo, startIntake } from './intake-server.js'

const bearer = { authorization: `Bearer ${key}` }
const auth = { 'x-sentry-auth': `Sentry sentry_key=${key}` }
const event = '{}\n{"type":"event"}\n{}'
const session = '{}\n{"type":"session"}\n{}'
const report = '{}\n{"type":"client_report"}\n{"discarded_events":[]}'
const batchOf = (count: number) =>
  JSON.stringify({ id: newId, events: Array.from({ length: count }, () => sampleEvent()) })

t.test('nobody sends without a key for this very project', async (t) => {
  const { send, queue, refused, app } = await startIntake(t)
  const unknown = '1'.repeat(32)
  const cases: [Record<string, string>, native: number, sentry: number, reason: string][] = [
    [{}, 401, 401, 'KeyMissing'],
    [{ authorization: 'Bearer nonsense' }, 401, 401, 'KeyMalformed'],
    [{ authorization: `Bearer ${unknown}` }, 401, 403, 'KeyUnknown'],
    [{ authorization: `Bearer ${otherKey}` }, 403, 403, 'KeyOfAnotherProject'],
  ]
  for (const [headers, nativeStatus, sentryStatus, reason] of cases) {
    const native = await send('/api/42/events', batchOf(1), { headers })
    t.equal(native.status, nativeStatus, reason)
    t.match(native.json, { title: String, status: nativeStatus, instance: /^urn:uuid:/ })
    t.equal(native.headers['content-type'], 'application/problem+json')
    if (nativeStatus === 401) t.match(native.headers['www-authenticate'], /^Bearer/)
    for (const address of ['envelope', 'store', 'security', 'csp-report']) {
      const sentry = await send(`/api/42/${address}/`, event, { headers })
      t.equal(sentry.status, sentryStatus, `${reason} ${address}`)
      t.match(sentry.json, { detail: String })
      t.equal(sentry.headers['x-sentry-error'], sentry.json.detail)
    }
    t.equal(refused.length, 5)
    t.ok(refused.every((one) => one.reason === reason && one.projectId === undefined))
    refused.length = 0
  }
  const strangers = [
    `{"dsn":"http://${unknown}@host/42"}`,
    `{"dsn":"http://${otherKey}@host/7"}`,
    '{"dsn":7}',
    'x',
  ]
  for (const envelope of strangers) t.match(await send('/api/42/envelope/', envelope), { status: /40[13]/ })
  await app.close()
  t.equal(queue.bodies.length, 0, 'who is not known is not counted')
})

t.test('pages of any origin may send, and read answers of every kind', async (t) => {
  const { send } = await startIntake(t, { bodyLimitBytes: 10 })
  const headers = { origin: 'https://shop.example', ...bearer }
  for (const path of [
    '/api/42/events',
    '/api/42/envelope/',
    '/api/42/store/',
    '/api/store',
    '/x/api/42/security/',
  ]) {
    const preflight = await send(path, '', { method: 'OPTIONS', headers: { origin: 'https://shop.example' } })
    t.equal(preflight.status, 204)
    t.equal(preflight.headers['access-control-allow-origin'], '*')
    t.match(preflight.headers['access-control-allow-methods'], /POST/)
    t.match(
      preflight.headers['access-control-allow-headers'],
      /authorization.*content-encoding.*x-sentry-auth/,
    )

    const large = await send(path, 'x'.repeat(11), { headers })
    const none = await send(path, '', {})
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
      const other = await send(path, '', { method, headers })
      t.equal(other.status, 405, method)
      t.match(other.headers.allow, /POST/)
      t.equal(other.headers['access-control-allow-origin'], '*')
    }
    t.strictSame([large.status, none.status], [413, 401])
    for (const answer of [large, none]) {
      t.equal(answer.headers['access-control-allow-origin'], '*')
      t.match(
        answer.headers['access-control-expose-headers'],
        /x-sentry-error.*x-sentry-rate-limits.*retry-after/,
      )
    }
  }
  t.equal((await send('/api/v1/issues', '', { method: 'GET' })).text, 'the API')
  t.equal((await send('/api/42/nothing', '{}')).status, 404)
  t.equal((await send('/api/shop/envelope/', '{}', { headers })).status, 404)
})

t.test(
  'limits are on what was sent and on what it unpacks to; what is refused is counted once',
  async (t) => {
    const bodyLimitBytes = 10_000
    const { send, queue, app, clock, refused } = await startIntake(t, { bodyLimitBytes })
    const bomb = Buffer.alloc(5_000_000, 32)
    const tooLarge: [string, Buffer | Buffer[], Record<string, string>][] = [
      ['by its length', Buffer.alloc(10_001), {}],
      ['chunked', [Buffer.alloc(6000), Buffer.alloc(6000)], {}],
      ['gzip', gzipSync(bomb), { 'content-encoding': 'gzip' }],
      ['br', brotliCompressSync(bomb), { 'content-encoding': 'br' }],
      ['zstd', zstdCompressSync(bomb), { 'content-encoding': 'zstd' }],
      ['deflate', deflateSync(bomb), { 'content-encoding': 'deflate' }],
    ]
    for (const [name, bytes, headers] of tooLarge) {
      t.equal(
        (await send('/api/42/envelope/', bytes, { headers: { ...auth, ...headers } })).status,
        413,
        name,
      )
      t.equal((await send('/api/42/events', bytes, { headers: { ...bearer, ...headers } })).status, 413, name)
    }
    const hidden = deflateSync(bomb).toString('base64')
    t.equal((await send('/api/42/store/', hidden, { headers: auth })).status, 413)

    const wrong: [path: string, body: string | Buffer, status: number, encoding?: string][] = [
      ['/api/42/envelope/', 'x', 400],
      ['/api/42/envelope/', '', 400],
      ['/api/42/envelope/', '{}\n{"type":"event"}\nx', 400],
      ['/api/42/store/', '[]', 400],
      ['/api/42/security/', '[]', 400],
      ['/api/42/envelope/', event, 400, 'gzip'],
      ['/api/42/envelope/', event, 415, 'compress'],
      ['/api/42/envelope/', event, 415, 'gzip, gzip'],
      ['/api/42/events', '', 400],
      ['/api/42/events', '7', 400],
      ['/api/42/events', '{"id":"x","events":[]}', 400],
      ['/api/42/events', batchOf(1), 400, 'br'],
      ['/api/42/events', batchOf(1), 415, 'lzma'],
    ]
    for (const [path, body, status, encoding] of wrong) {
      const headers = { ...bearer, ...(encoding && { 'content-encoding': encoding }) }
      t.equal((await send(path, body, { headers })).status, status, `${path} ${body} ${encoding}`)
    }
    t.equal(refused.length, 26)
    t.ok(refused.every(({ projectId }) => projectId === 42))

    await app.close()
    t.ok(queue.bodies.every(({ format, projectId }) => format === 'tally' && projectId === 42))
    t.ok(queue.bodies.every(({ receivedAt }) => receivedAt === clock.now))
    t.same(tallied(queue), {
      'invalid faultline corrupt': 1,
      'invalid faultline encoding': 1,
      'invalid faultline mistaken': 3,
      'invalid faultline too_large': 6,
      'invalid sentry corrupt': 1,
      'invalid sentry encoding': 2,
      'invalid sentry mistaken': 5,
      'invalid sentry too_large': 7,
    })
  },
)

t.test('a project has so many events a minute, and hears when it may go on', async (t) => {
  const { send, queue, clock, app } = await startIntake(t, { rateLimit: 60 })
  const native = (count: number) => send('/api/42/events', batchOf(count), { headers: bearer })
  const sentry = (body: string | Buffer[]) => send('/api/42/envelope/', body, { headers: auth })

  for (let sent = 0; sent < 5; sent++) t.equal((await sentry(session)).status, 200, 'no error: it is free')
  t.equal((await native(59)).status, 202)
  t.equal((await sentry(event)).status, 200, 'the last one of the minute')
  const refused = await sentry(event)
  t.equal(refused.status, 429)
  t.equal(refused.headers['retry-after'], '1')
  t.equal(refused.headers['x-sentry-rate-limits'], '1:error;default:project:rate_limited')

  clock.now += 1000
  t.equal((await native(11)).status, 202, 'how many come is known too late')
  const late = await native(1)
  t.equal(late.status, 429)
  t.equal(late.headers['retry-after'], '11', 'the next one pays for it')
  t.match(late.json, { type: 'urn:faultline:errors:rate-limited', detail: String })
  clock.now += 10_999
  t.equal((await native(1)).headers['retry-after'], '1')

  t.equal((await sentry(report)).status, 200, 'client reports are never refused')
  t.equal((await sentry([Buffer.from(report)])).status, 200, 'chunked')
  t.equal(queue.bodies.filter(({ eventCount }) => eventCount === 0).length, 2)
  t.equal((await sentry(session)).status, 429)
  t.equal((await sentry(`${report}\n{"type":"event"}\n{}`)).status, 429)
  t.equal(
    (await sentry([Buffer.from(`${report}${' '.repeat(20_000)}`)])).status,
    429,
    'no report is that long',
  )
  const otherAuth = { 'x-sentry-auth': `Sentry sentry_key=${otherKey}` }
  t.equal(
    (await send('/api/7/envelope/', event, { headers: otherAuth })).status,
    200,
    'others are not concerned',
  )

  clock.now += 1
  t.equal((await native(1)).status, 202)
  await app.close()
  t.same(tallied(queue), { 'rate_limited faultline ': 2, 'rate_limited sentry ': 4 })
})

/** Summed over all bodies of its kind: another one begins every second. */
function tallied({ bodies }: FakeQueue): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { bytes } of bodies.filter(({ format }) => format === 'tally')) {
    for (const { outcome, protocol, reason, count } of JSON.parse(String(bytes))) {
      const name = `${outcome} ${protocol} ${reason}`
      sums[name] = (sums[name] ?? 0) + count
    }
  }
  return sums
}

t.test('the hour that a clock is set back does not stop a bucket from filling', async (t) => {
  let clockMs = 0
  const { send, clock } = await startIntake(t, { rateLimit: 60, clock: () => clockMs })
  const native = (count: number) => send('/api/42/events', batchOf(count), { headers: bearer })
  t.equal((await native(60)).status, 202)
  t.equal((await native(1)).status, 429)
  clock.now -= 3_600_000
  clockMs += 1000
  t.equal((await native(1)).status, 202)
})

t.test('attachments, feedback and batches without events are no way round the limit', async (t) => {
  const { send } = await startIntake(t, { rateLimit: 6 })
  const sentry = (body: string) => send('/api/42/envelope/', body, { headers: auth })
  const attachment = '{}\n{"type":"attachment"}\nx'
  for (const body of [attachment, '{}\n{"type":"feedback"}\n{}', '{}\n{"type":"user_report"}\n{}'])
    t.equal((await sentry(body)).status, 200)
  for (let sent = 0; sent < 3; sent++)
    t.equal((await send('/api/42/events', batchOf(0), { headers: bearer })).status, 202)
  t.equal((await sentry(attachment)).status, 429)
  t.equal((await sentry(`${report}\n{"type":"attachment"}\nx`)).status, 429)
  t.equal((await sentry(report)).status, 200)

  const pressed = await startIntake(t, { pressure: () => ({ retryAfterSeconds: 1, reason: 'Full.' }) })
  t.equal((await pressed.send('/api/42/envelope/', attachment, { headers: auth })).status, 503)
})

t.test('a batch cannot claim more than its sender can have counted', async (t) => {
  const { send, queue, refused } = await startIntake(t)
  const at = '2026-11-23T00:00:00.000Z'
  const repeat = (count: number) => ({ eventId: newId, count, until: at })
  const route = { minute: at, service: 'shop', environment: 'production', route: '/', status: '2xx' }
  const request = (count: number) => ({ ...route, count })
  const drop = (count: number) => ({ reason: 'memory', count })
  const most = 2_147_483_647
  const sendCounts = (counts: object) =>
    send('/api/42/events', JSON.stringify({ id: newId, events: [], ...counts }), { headers: bearer })

  for (const [member, of] of Object.entries({ repeats: repeat, requests: request, dropped: drop })) {
    const tooMany = await sendCounts({ [member]: [of(most), of(1)] })
    t.equal(tooMany.status, 400, member)
    t.match(tooMany.json.detail, `The batch is wrong: ${member}: `)
  }
  t.equal(queue.bodies.length, 0)
  t.same(
    refused.map(({ reason }) => reason),
    ['BodyMistaken', 'BodyMistaken', 'BodyMistaken'],
  )
  const largest = { repeats: [repeat(most - 1), repeat(1)], requests: [request(most)], dropped: [drop(most)] }
  t.equal((await sendCounts(largest)).status, 202)
  t.equal(queue.bodies[0]?.eventCount, most)
})

t.test('what the queue has refused is not charged', async (t) => {
  const { send, queue } = await startIntake(t, { rateLimit: 60 })
  const native = () => send('/api/42/events', batchOf(60), { headers: bearer })
  queue.failure = new QueueFull('limit')
  for (let sent = 0; sent < 3; sent++) t.equal((await native()).status, 503)
  queue.failure = undefined
  t.equal((await native()).status, 202)
  t.equal((await native()).status, 429)
})

t.test('a stranger’s bomb is not unpacked, nor is one under pressure', async (t) => {
  const bodyLimitBytes = 400_000_000
  const { send } = await startIntake(t, { bodyLimitBytes })
  const params = { [constants.BROTLI_PARAM_QUALITY]: 1 }
  const bomb = brotliCompressSync(Buffer.alloc(300_000_000, 10), { params })
  const known = brotliCompressSync(`{"dsn":"http://${key}@host/42"}\n{"type":"event"}\n{}`)
  const headers = { 'content-encoding': 'br' }
  const before = process.memoryUsage().arrayBuffers
  const startedAt = performance.now()
  t.equal((await send('/api/42/envelope/', bomb, { headers })).status, 401)
  const pressed = await startIntake(t, {
    bodyLimitBytes,
    pressure: () => ({ retryAfterSeconds: 1, reason: 'Full.' }),
  })
  t.equal((await pressed.send('/api/42/envelope/', bomb, { headers: { ...auth, ...headers } })).status, 503)
  t.ok(performance.now() - startedAt < 5000, `${performance.now() - startedAt} ms`)
  t.ok(process.memoryUsage().arrayBuffers - before < 20_000_000)
  t.equal((await send('/api/42/envelope/', known, { headers })).status, 200)
})

t.test('a bucket begins full, and there may be none', async (t) => {
  t.equal(new RateLimit(1).waitSeconds(1, 0), 0)
  const off = new RateLimit('off')
  off.take(1, 1e9, 0)
  t.equal(off.waitSeconds(1, 0), 0)
})

t.test('under pressure nothing is taken but client reports, and nothing is counted', async (t) => {
  const pressed = { retryAfterSeconds: 7, reason: 'The disk is nearly full.' }
  const { send, queue, app } = await startIntake(t, { pressure: () => pressed })
  const native = await send('/api/42/events', batchOf(1), { headers: bearer })
  t.match(native, { status: 503, headers: { 'retry-after': '7' }, json: { detail: pressed.reason } })
  const sentry = await send('/api/42/envelope/', event, { headers: auth })
  t.match(sentry, { status: 503, headers: { 'retry-after': '7' }, json: { detail: /disk is nearly full/ } })
  t.equal((await send('/api/42/envelope/', report, { headers: auth })).status, 200)
  await app.close()
  t.equal(queue.bodies.length, 1)
})

t.test('a full queue answers 503; the tally waits until there is room', async (t) => {
  const { send, queue, reporter } = await startIntake(t)
  for (const reason of ['limit', 'disk'] as const) {
    queue.failure = new QueueFull(reason)
    const native = await send('/api/42/events', batchOf(1), { headers: bearer })
    t.match(native, { status: 503, headers: { 'retry-after': '10' } })
    t.equal((await send('/api/42/envelope/', event, { headers: auth })).status, 503)
  }
  t.equal(reporter.reports.length, 0)
  queue.failure = new Error('a bug')
  t.equal((await send('/api/42/envelope/', event, { headers: auth })).status, 500)
  t.equal(reporter.reports.length, 1, 'anything else is an error of ours')

  const full = new FakeQueue()
  const tally = new Tally(full)
  const refused = { projectId: 1, outcome: 'invalid', reason: 'x', protocol: 'sentry' } as const
  tally.add(refused)
  tally.add({ ...refused, projectId: 2 })
  full.failure = new QueueFull('disk')
  const failing = tally.flush(1)
  tally.add(refused, 4)
  await t.rejects(failing, QueueFull)
  full.failure = undefined
  await tally.flush(2)
  await tally.flush(3)
  t.strictSame(
    full.bodies.map(({ projectId, eventCount, receivedAt }) => [projectId, eventCount, receivedAt]),
    [
      [1, 5, 2],
      [2, 1, 2],
    ],
  )
})

t.test('keys that cannot be read are an error of ours, and clients come back', async (t) => {
  const { send, reporter } = await startIntake(t, { findKey: () => Promise.reject(new Error('no store')) })
  for (const path of ['/api/42/events', '/api/42/envelope/']) {
    const answer = await send(path, event, { headers: bearer })
    t.match(answer, { status: 503, headers: { 'retry-after': '5' } })
    t.notMatch(answer.text, /no store/)
  }
  t.equal(reporter.reports.length, 2)
})

t.test('whoever is refused gets to read why, however much is still to come', async (t) => {
  const { port } = await startIntake(t, { bodyLimitBytes: 100_000 })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const pieces = Array.from({ length: 200 }, () => Buffer.alloc(65_536))
  t.equal((await sendTo(port, '/api/42/events', pieces)).status, 401)
  t.equal((await sendTo(port, '/api/42/events', pieces, { headers: bearer })).status, 413)
  const statuses: number[] = []
  for (const [path, size] of [
    ['/api/42/events', 5_000_000],
    ['/api/42/envelope/', 5_000_000],
  ] as const) {
    statuses.push((await sendTo(port, path, Buffer.alloc(size), { agent, headers: bearer })).status)
    statuses.push((await sendTo(port, '/api/42/envelope/', event, { agent, headers: bearer })).status)
  }
  t.strictSame(statuses, [413, 200, 413, 200], 'over one connection')
})

t.test('who goes away in the middle costs nothing, and so many bytes are held at once', async (t) => {
  const { port, send, reporter, refused, queue } = await startIntake(t, { heldLimitBytes: 100_000 })
  const half = httpRequest({
    port,
    host: '127.0.0.1',
    path: '/api/42/envelope/',
    method: 'POST',
    headers: auth,
  })
  half.on('error', () => undefined)
  half.write(Buffer.alloc(90_000))
  const large = Buffer.concat([Buffer.from(event), Buffer.alloc(20_000, 10)])
  const sendLarge = () => send('/api/42/envelope/', large, { headers: auth })
  const busy = await until(sendLarge, ({ status }) => status === 503)
  t.equal(busy.headers['retry-after'], '1')
  half.destroy()
  await until(sendLarge, ({ status }) => status === 200)
  t.ok(queue.bodies.length > 0)

  const socket = connect(port, '127.0.0.1')
  socket.write('POST /api/42/events HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n')
  socket.write(`authorization: Bearer ${key}\r\n\r\n{`)
  await once(socket, 'connect')
  socket.resetAndDestroy()
  for (let sent = 0; sent < 6; sent++)
    t.equal((await sendLarge()).status, 200, 'held no longer than it takes')
  t.equal(reporter.reports.length, 0)
  t.ok(refused.every(({ status }) => status === 503))
})

t.test('a refused body without an end is cut off', async (t) => {
  const { port } = await startIntake(t)
  const socket = connect(port, '127.0.0.1')
  socket.write('POST /api/42/events HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n')
  const answer = new Promise((resolve) => socket.once('data', resolve))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  const piece = Buffer.alloc(1_048_576)
  const pour = () => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', pour)
  pour()
  t.match(String(await answer), /^HTTP\/1.1 401/)
  await closed
  t.ok(socket.bytesWritten < 200 * piece.length)
})

async function until(ask: () => Promise<Answer>, isWanted: (answer: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const answer = await ask()
    if (isWanted(answer)) return answer
  }
}

t.test('whatever comes, there is an answer, and none of it is an error of ours', async (t) => {
  const { send, reporter, queue, app } = await startIntake(t, { rateLimit: 500, bodyLimitBytes: 20_000 })
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  t.comment(`SEED=${seed}`)
  const random = randomOf(seed)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  const paths = ['events', 'envelope/', 'store/', 'security/', 'csp-report/', 'envelope'].map(
    (name) => `/api/42/${name}`,
  )
  const queries = [
    '',
    `?sentry_key=${key}`,
    '?sentry_key',
    '?%',
    '?sentry_key=%ff%00',
    `?sentry_key=${otherKey}&&&=`,
  ]
  const seeds = [
    event,
    session,
    report,
    batchOf(2),
    '{"event_id":null}',
    '[{"a":[1e999]}]',
    '{"dsn":"http://x@"}',
    '',
  ]
  const encodings = ['', 'gzip', 'deflate', 'br', 'zstd', 'identity', 'utf-8', 'x', 'gzip,br', '\t']
  const packers = [gzipSync, deflateSync, brotliCompressSync, zstdCompressSync, (bytes: Buffer) => bytes]
  const authorizations = [
    `Bearer ${key}`,
    'Bearer',
    'Basic !!',
    `Basic ${btoa(`${key}:`)}`,
    'Sentry',
    `Sentry sentry_key=${key}`,
  ]
  const statuses = new Set<number>()

  for (let round = 0; round < 2000; round++) {
    const body = pick(packers)(mutated(Buffer.from(pick(seeds)), random))
    const headers = {
      'content-encoding': pick(encodings),
      'content-type': pick(['application/json', '', 'text/plain', '/', 'x/y; charset=\x80']),
      ...(random() < 0.9 && { authorization: pick(authorizations) }),
      ...(random() < 0.3 && { 'x-sentry-auth': pick([`Sentry sentry_key=${key}`, 'Sentry', ',,=,']) }),
    }
    const path =
      pick(['', '', '/in/api/7']) +
      pick([...paths, '/api/store/', '/api/99999999999999999999/store/']) +
      pick(queries)
    const method = random() < 0.95 ? 'POST' : pick(['PUT', 'GET', 'OPTIONS', 'DELETE'])
    // without a length, Node sends the body of a GET as it is
    const isChunked = method === 'POST' && random() < 0.5
    const { status } = await send(path, isChunked ? [body] : body, { method, headers })
    statuses.add(status)
    if (status >= 500)
      t.fail(`${status} for ${method} ${path} ${JSON.stringify(headers)} ${body.toString('base64')}`)
  }
  t.strictSame(reporter.reports, [])
  t.ok(statuses.has(200) && statuses.has(400) && statuses.size > 6, [...statuses].join())
  await app.close()
  t.ok(queue.bodies.every(({ eventCount }) => Number.isSafeInteger(eventCount) && eventCount >= 0))
})

/** Bits flipped, pieces taken out, doubled or put in. */
function mutated(bytes: Buffer, random: () => number): Buffer {
  let result = bytes
  while (random() < 0.6) {
    const from = Math.floor(random() * (result.length + 1))
    const to = Math.min(result.length, from + Math.floor(random() * 20))
    const spice = Buffer.from(
      ['\n', '\0', '{}', '"', '\xff', '"length":1e9,', 'NaN', '[[[['][Math.floor(random() * 8)] ?? '',
    )
    const middle =
      random() < 0.5 ? spice : Buffer.concat([result.subarray(from, to), result.subarray(from, to)])
    result = Buffer.concat([result.subarray(0, from), middle, result.subarray(random() < 0.5 ? from : to)])
  }
  return result
}

/** A linear congruential generator: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
