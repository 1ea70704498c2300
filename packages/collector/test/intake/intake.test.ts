// What intake takes, and how it keeps it: our own protocol, and Sentry's as real clients speak it.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { sampleEvent } from '../../../protocol/test/sample-event.js'
import { rewriteIntakeUrl } from '../../src/intake/rewrite-intake-url.js'
import { key, newId, newSentryId, otherKey, startIntake } from './intake-server.js'

const eventId = 'fbc3b8650bab44b0bf48ab2df5c7ec06'
const bearer = { authorization: `Bearer ${key}` }
const auth = { 'x-sentry-auth': `Sentry sentry_version=7, sentry_key=${key}` }
const envelopeOf = (header: object, ...items: [type: string, payload: string][]) =>
  [JSON.stringify(header), ...items.map(([type, payload]) => `${JSON.stringify({ type })}\n${payload}`)].join(
    '\n',
  )
const batchOf = (members: object = {}) => JSON.stringify({ id: newId, events: [], ...members })

t.test('a batch is kept as it was sent, and answered 202', async (t) => {
  const { send, queue, clock } = await startIntake(t)
  const until = '2026-11-23T10:44:08.676Z'
  const bytes = gzipSync(
    batchOf({
      events: [sampleEvent(), { id: 'no' }, sampleEvent()],
      repeats: [
        { eventId: newId, count: 7, until },
        { eventId: newId, count: 2, until },
      ],
    }),
  )
  const headers = { ...bearer, 'content-encoding': 'gzip', 'user-agent': 'node/1', 'content-type': '???' }
  const { status, json } = await send('/api/42/events', bytes, { headers })

  t.equal(status, 202)
  t.equal(json.accepted, 2)
  t.match(json.rejected, [
    {
      index: 1,
      problem: {
        type: 'urn:faultline:errors:event-mistaken',
        title: 'The event has mistakes.',
        status: 400,
        detail: /occurredAt: Expected required property; .*id: Expected a UUID/,
      },
    },
  ])
  t.equal(json.rejected.length, 1)
  t.strictSame(queue.bodies, [
    {
      projectId: 42,
      format: 'batch',
      encoding: 'gzip',
      eventCount: 12,
      receivedAt: clock.now,
      meta: { ip: '127.0.0.1', userAgent: 'node/1', rejected: [1] },
      bytes,
    },
  ])
})

t.test('a batch without events is a batch', async (t) => {
  const { send, queue } = await startIntake(t)
  const dropped = [{ reason: 'sampled', count: 4 }]
  const { status, json } = await send('/api/42/events/', batchOf({ dropped }), { headers: bearer })
  t.equal(status, 202)
  t.strictSame(json, { accepted: 0, rejected: [] })
  t.equal(queue.bodies[0]?.eventCount, 0)
})

t.test('captured requests of real SDKs are taken, byte for byte', async (t) => {
  const { send, queue } = await startIntake(t)
  for (const { name, url, method, headers, bytes, isChunked } of captures()) {
    const answer = await send(url, isChunked ? [bytes.subarray(0, 10), bytes.subarray(10)] : bytes, {
      method,
      headers,
    })
    t.equal(answer.status, 200, name)
    t.match(answer.json, { id: /^[\da-f]{32}$/ }, name)
    const body = queue.bodies.at(-1)
    t.equal(body?.projectId, 42)
    t.equal(body?.eventCount, 1)
    t.equal(body?.encoding, headers['content-encoding'] ?? 'identity')
    t.equal(body?.format, url.includes('store') ? 'store' : 'envelope')
    t.ok(bytes.equals(body?.bytes ?? Buffer.of()), 'as it was sent')
  }
  t.ok(queue.bodies.length >= 11)
})

t.test('an envelope is answered with the id of its event', async (t) => {
  const { send, queue } = await startIntake(t)
  const cases: [string, string, string, string?][] = [
    ['of its header', envelopeOf({ event_id: eventId }, ['event', `{"event_id":"${key}"}`]), eventId],
    [
      'in any spelling',
      envelopeOf({ event_id: 'FBC3B865-0BAB-44B0-BF48-AB2DF5C7EC06' }, ['event', '{}']),
      eventId,
    ],
    ['of the event', envelopeOf({}, ['event', `{"event_id":"${eventId}"}`]), eventId],
    ['a new one', envelopeOf({}, ['event', '{}']), newSentryId, newSentryId],
    [
      'a new one for what is no id',
      envelopeOf({ event_id: 'x' }, ['event', '{"event_id":7}']),
      newSentryId,
      newSentryId,
    ],
    ['with a session alone', envelopeOf({}, ['session', '{}']), newSentryId, newSentryId],
  ]
  for (const [name, body, id, metaId] of cases) {
    const { status, json } = await send('/api/42/envelope/', body, { headers: auth })
    t.strictSame({ status, json }, { status: 200, json: { id } }, name)
    t.equal(queue.bodies.at(-1)?.meta.eventId, metaId, name)
  }
})

t.test('an envelope is counted by what becomes an outcome; the same twice is the same', async (t) => {
  const { send, queue } = await startIntake(t)
  const report = '{"discarded_events":[{"reason":"sample_rate","category":"error","quantity":3}]}'
  const cases: [string, number][] = [
    [envelopeOf({}, ['event', '{}'], ['attachment', 'x'], ['user_report', '{}'], ['session', '{}']), 2],
    [envelopeOf({}, ['hologram', '?'], ['transaction', '{}'], ['log', '{}'], ['event', '{}']), 4],
    [envelopeOf({}, ['client_report', report]), 0],
    [envelopeOf({}, ['event', 'broken'], ['event', '[]'], ['event', '{"a":NaN}']), 3],
    [envelopeOf({}, ['event', 'broken'], ['session', '{}']), 2],
  ]
  for (const [body, eventCount] of [...cases, ...cases]) {
    t.equal((await send('/api/42/envelope/', body, { headers: auth })).status, 200, body)
    t.equal(queue.bodies.at(-1)?.eventCount, eventCount, body)
  }
  for (const nothing of ['{}', '{}\n', `{"event_id":"${eventId}"}\n\n`])
    t.equal((await send('/api/42/envelope/', nothing, { headers: auth })).status, 200)
  t.equal(queue.bodies.length, 10, 'what holds nothing is not kept')
})

t.test('the key may be in any place, and with it the project', async (t) => {
  const { send, queue } = await startIntake(t)
  const body = envelopeOf({}, ['event', '{}'])
  const basic = `Basic ${Buffer.from(`${key}:`).toString('base64')}`
  const ways: [string, string, Record<string, string>, string?][] = [
    ['x-sentry-auth', '/api/42/envelope/', auth],
    [
      'of raven',
      '/api/42/envelope/',
      { 'x-sentry-auth': `Sentry sentry_key=${key}, sentry_secret=s, sentry_version=5` },
    ],
    ['in upper case', '/api/42/envelope/', { 'x-sentry-auth': `Sentry sentry_key=${key.toUpperCase()}` }],
    ['query', `/api/42/envelope/?sentry_version=7&sentry_key=${key}`, {}],
    ['without the slash', `/api/42/envelope?sentry_key=${key}`, {}],
    ['below a prefix', `/errors/in/api/42/envelope/?sentry_key=${key}`, {}],
    ['authorization', '/api/42/envelope/', { authorization: `Sentry sentry_key=${key}` }],
    ['basic', '/api/42/envelope/', { authorization: basic }],
    ['bearer', '/api/42/envelope/', bearer],
    ['dsn', '/api/42/envelope/', {}, envelopeOf({ dsn: `http://${key}@host/42` }, ['event', '{}'])],
  ]
  for (const [name, path, headers, own = body] of ways) {
    t.equal((await send(path, own, { headers })).status, 200, name)
    t.equal(queue.bodies.at(-1)?.projectId, 42, name)
  }
  t.equal(queue.bodies.length, ways.length)

  await send('/api/store/', '{}', { headers: auth })
  await send(`/api/store?sentry_key=${otherKey}`, '{}')
  t.strictSame(
    queue.bodies.slice(-2).map(({ projectId, format }) => [projectId, format]),
    [
      [42, 'store'],
      [7, 'store'],
    ],
    'the key says which project',
  )
})

t.test('a store body is an event in any of its forms', async (t) => {
  const { send, queue } = await startIntake(t)
  const json = `{"event_id":"${eventId}","extra":{"ratio":NaN}}`
  const forms = [json, Buffer.from(json).toString('base64'), deflateSync(json).toString('base64')]
  for (const form of forms) {
    const { status, json: answer } = await send('/api/42/store/', form, { headers: auth })
    t.strictSame({ status, answer }, { status: 200, answer: { id: eventId } })
    t.equal(queue.bodies.at(-1)?.bytes.toString(), form)
  }
  t.strictSame((await send('/api/42/store/', '{}', { headers: auth })).json, { id: newSentryId })
  t.equal(queue.bodies.at(-1)?.meta.eventId, newSentryId)
})

t.test('security reports are taken in all their shapes', async (t) => {
  const { send, queue } = await startIntake(t)
  const shapes: [string, number][] = [
    ['{"csp-report":{"document-uri":"https://shop.example/"}}', 1],
    ['{"expect-ct-report":{"hostname":"shop.example"}}', 1],
    ['{"expect-staple-report":{}}', 1],
    ['{"hostname":"shop.example","known-pins":[]}', 1],
    ['[{"type":"csp-violation","body":{}},{"type":"deprecation","body":{}}]', 2],
  ]
  for (const address of ['security', 'csp-report']) {
    for (const [body, eventCount] of shapes) {
      const headers = { 'content-type': 'application/csp-report' }
      const { status } = await send(`/api/42/${address}/?sentry_key=${key}`, body, { headers })
      t.equal(status, 200, body)
      t.match(queue.bodies.at(-1), { format: 'security', eventCount, meta: { eventId: newSentryId } })
    }
  }
})

t.test('every encoding is understood, and those that are none', async (t) => {
  const { send, queue } = await startIntake(t)
  const text = Buffer.from(envelopeOf({}, ['event', '{}']))
  const encodings: [string, Buffer, string][] = [
    ['gzip', gzipSync(text), 'gzip'],
    ['GZIP', gzipSync(text), 'gzip'],
    ['deflate', deflateSync(text), 'deflate'],
    ['deflate', deflateRawSync(text), 'deflate'],
    ['br', brotliCompressSync(text), 'br'],
    ['zstd', zstdCompressSync(text), 'zstd'],
    ['', text, 'identity'],
    ['utf-8', text, 'identity'],
    ['identity', text, 'identity'],
  ]
  for (const [name, bytes, encoding] of encodings) {
    const headers = { ...auth, 'content-encoding': name }
    t.equal((await send('/api/42/envelope/', bytes, { headers })).status, 200, name)
    t.match(queue.bodies.at(-1), { encoding, bytes }, name)
  }
})

t.test('no content type is refused', async (t) => {
  const { send } = await startIntake(t)
  const types = ['text/plain;charset=UTF-8', 'application/json', 'multipart/form-data', 'x', '/', ';;;', '']
  for (const type of types) {
    const headers = { ...auth, 'content-type': type }
    t.equal((await send('/api/42/store/', '{}', { headers })).status, 200, type)
  }
})

t.test('a path prefix is taken off the addresses of intake alone', async (t) => {
  const rewritten = {
    '/errors/api/42/envelope/': '/api/42/envelope/',
    '/a/b/api/42/events?x=/api/': '/api/42/events?x=/api/',
    '/api/api/42/store': '/api/42/store',
    '/errors/api/store/?sentry_key=1': '/api/store/?sentry_key=1',
    '/x/api/1/security/': '/api/1/security/',
    '/x/api/1/csp-report/': '/api/1/csp-report/',
  }
  for (const [from, to] of Object.entries(rewritten)) t.equal(rewriteIntakeUrl(from), to)
  const kept = [
    '/',
    '',
    '*',
    '/api/42/envelope/',
    '/api/v1/issues',
    '/errors/api/v1/issues',
    '/api/v1/events/api/42',
    '/x/api/42/other/',
    '/x/api/42/envelope/more',
    '/x?y=/api/42/envelope/',
    'http://host/',
  ]
  for (const url of kept) t.equal(rewriteIntakeUrl(url), url)
})

function captures() {
  const folder = join(findRoot(import.meta.dirname), 'test/golden/captures')
  const clients = ['sentry-node', 'sentry-python', 'sentry-browser']
  const files = clients.flatMap((client) =>
    readdirSync(join(folder, client)).map((file) => join(folder, client, file)),
  )
  return files
    .filter((file) => file.endsWith('.meta.json'))
    .map((file) => {
      const meta = JSON.parse(readFileSync(file, 'utf8')) as Meta
      const pairs = meta.headers.map(([name, value]) => [name.toLowerCase(), value] as const)
      const { host: _, 'transfer-encoding': chunked, ...headers } = Object.fromEntries(pairs)
      const bytes = readFileSync(file.replace('.meta.json', '.body.bin'))
      return { name: file, ...meta, headers, bytes, isChunked: chunked !== undefined }
    })
}

interface Meta {
  method: string
  url: string
  headers: [string, string][]
}

function findRoot(folder: string): string {
  return readdirSync(folder).includes('pnpm-workspace.yaml') ? folder : findRoot(dirname(folder))
}
