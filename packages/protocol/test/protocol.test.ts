import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { ErrorReport, ReportedException } from '@faultline/core'
import {
  BATCH_LIMITS,
  batchSchema,
  type ErrorEvent,
  EVENT_LIMITS,
  errorEventSchema,
  eventMistakes,
  parseDsn,
  readBatch,
  type StackFrame,
} from '@faultline/protocol'
import t from 'tap'
import { TIME_PATTERN } from '../src/error-event.js'
import { sampleEvent } from './sample-event.js'

const id = '01980c4e-7a3c-7c52-9d8e-0123456789ab'
const minute = '2026-03-01T12:00:00Z'
const requestCount = { minute, service: 'a', environment: 'b', route: '/', status: '2xx', count: 3 }

const withMembers = (members: object) => ({ ...sampleEvent(), ...members })
const withFrame = (frame: unknown) =>
  withMembers({ exceptions: [{ type: 'A', message: 'b', frames: [frame] }] })

const goodEvents: Record<string, unknown> = {
  'the sample': sampleEvent(),
  'the least': {
    id: id.replaceAll('-', '').toUpperCase(),
    occurredAt: '2026-03-01t12:00:00.123456789+05:30',
    level: 'info',
    handled: true,
    mechanism: 'manual',
    platform: 'python',
    service: '',
    environment: '',
    exceptions: [],
    sdk: { name: '', version: '' },
  },
  'unknown members everywhere': withMembers({
    phase: 'response-started',
    later: 1,
    host: { name: 'a', later: 1 },
    problem: { type: 'about:blank', runbook: 'x', errors: [{ pointer: '#/a', detail: 'b' }] },
    exceptions: [{ type: 'A', message: 'b', later: 1, frames: [{ inApp: true, later: 1 }] }],
    user: { id: '7', plan: 'pro' },
  }),
  'what is cut rather than refused': withMembers({
    message: 'x'.repeat(EVENT_LIMITS.messageLength + 1),
    tags: { ['k'.repeat(100)]: 'v'.repeat(5000) },
    exceptions: Array.from({ length: 60 }, () => ({ type: 'A', message: 'b', frames: [] })),
    breadcrumbs: Array.from({ length: 200 }, () => ({ at: minute, category: 'a', message: 'b' })),
  }),
  'any body, and any extra': withMembers({
    request: { body: [null, 1, 'x'] },
    extra: { a: null, 'b\nc': [] },
  }),
}

const badEvents: Record<string, [event: unknown, mistakes: string[]]> = {
  'no object': [null, ['Expected object']],
  'a list': [[], ['Expected object']],
  'a text as id': [withMembers({ id: '7' }), ['id: Expected a UUID']],
  'a day as time': [
    withMembers({ occurredAt: '2026-03-01' }),
    ['occurredAt: Expected a time as in RFC 3339'],
  ],
  'a time that no clock shows': [
    withMembers({ occurredAt: '2026-13-01T25:00:00Z' }),
    ['occurredAt: Expected a time as in RFC 3339'],
  ],
  'an unknown level': [
    withMembers({ level: 'warn' }),
    ['level: Expected one of fatal, error, warning, info, debug'],
  ],
  'a number for a flag': [withMembers({ handled: 1 }), ['handled: Expected boolean']],
  'half a line': [withFrame({ inApp: true, line: 1.5 }), ['exceptions/0/frames/0/line: Expected integer']],
  'a frame of nobody': [withFrame({}), ['exceptions/0/frames/0/inApp: Expected required property']],
  'a code that is neither text nor number': [
    withMembers({ exceptions: [{ type: 'A', message: 'b', frames: [], code: true }] }),
    ['exceptions/0/code: Expected one of string, number'],
  ],
  'a parent below zero': [
    withMembers({ exceptions: [{ type: 'A', message: 'b', frames: [], parent: -1 }] }),
    ['exceptions/0/parent: Expected integer to be greater or equal to 0'],
  ],
  'a tag of another type': [withMembers({ tags: { a: 1 } }), ['tags/a: Expected string']],
  'a tag with a line break in its name': [
    withMembers({ tags: { 'a\nb': {} } }),
    ['tags/a\nb: Expected string'],
  ],
  'a list for the extras': [withMembers({ extra: [] }), ['extra: Expected object']],
}

const batchOf = (members: object) => ({ id, events: [], ...members })
const goodBatches: Record<string, unknown> = {
  'the least': batchOf({}),
  'one of everything': batchOf({
    events: [sampleEvent()],
    requests: [requestCount],
    repeats: [{ eventId: id, count: 1, until: minute }],
    dropped: [{ reason: 'memory', count: 1 }],
    later: true,
  }),
}
const badBatches: Record<string, [batch: unknown, mistake: RegExp]> = {
  'no object': ['{}', /^Expected object$/],
  'no id': [{ events: [] }, /^id: Expected required property$/],
  'no events': [{ id }, /^events: Expected required property$/],
  'too many events': [
    batchOf({ events: Array(BATCH_LIMITS.events + 1).fill(sampleEvent()) }),
    /^events: .* 1000$/,
  ],
  'a count of none': [batchOf({ dropped: [{ reason: 'memory', count: 0 }] }), /^dropped\/0\/count: .* 1$/],
  'a count beyond counting': [
    batchOf({ requests: [{ ...requestCount, count: 1e300 }] }),
    /^requests\/0\/count: /,
  ],
  'a long reason': [
    batchOf({ dropped: [{ reason: 'x'.repeat(65), count: 1 }] }),
    /^dropped\/0\/reason: .* 64$/,
  ],
  'a long name': [
    batchOf({ requests: [{ ...requestCount, service: 'x'.repeat(201) }] }),
    /^requests\/0\/service: .* 200$/,
  ],
  'a long route': [
    batchOf({ requests: [{ ...requestCount, route: 'x'.repeat(501) }] }),
    /^requests\/0\/route: .* 500$/,
  ],
  'an unknown class of status': [
    batchOf({ requests: [{ ...requestCount, status: '500' }] }),
    /^requests\/0\/status: Expected one of 2xx, 3xx, 4xx, 5xx$/,
  ],
  'a repeat of nothing': [
    batchOf({ repeats: [{ count: 1, until: minute }] }),
    /^repeats\/0\/eventId: Expected required property$/,
  ],
}

t.test('an event is checked, and every mistake named with its place', async (t) => {
  for (const [name, event] of Object.entries(goodEvents)) t.strictSame(eventMistakes(event), [], name)
  for (const [name, [event, mistakes]] of Object.entries(badEvents))
    t.strictSame(eventMistakes(event), mistakes, name)
})

t.test('names at most ten mistakes, each once and short', async (t) => {
  t.equal(eventMistakes({}).length, 10)
  t.equal(new Set(eventMistakes({})).size, 10)
  const [mistake = ''] = eventMistakes(withMembers({ tags: { ['k'.repeat(10_000)]: 1 } }))
  t.equal(mistake.length, 300)
  t.match(mistake, /^tags\/k+…: Expected string$/)
})

t.test('every time that is accepted can be read', async (t) => {
  const times = ['2024-02-29 23:59:59z', '2026-12-31t00:00:00.5-23:59', '1970-01-01T00:00:00.123456789Z']
  for (const time of times) {
    t.match(time, new RegExp(TIME_PATTERN), time)
    t.ok(Number.isFinite(Date.parse(time)), time)
  }
  const wrong = [
    '2026-01-01T00:00:60Z',
    '2026-00-01T00:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00.Z',
  ]
  for (const time of wrong) t.notMatch(time, new RegExp(TIME_PATTERN), time)
})

t.test('a bad event costs only itself, and is named by its place in what was sent', async (t) => {
  const other = sampleEvent({ service: 'other' })
  const { batch, rejected, mistakes } = readBatch({
    ...(goodBatches['one of everything'] as object),
    events: [null, sampleEvent(), { ...sampleEvent(), level: 'loud' }, other],
  })
  t.equal(mistakes, undefined)
  t.strictSame(batch?.events, [sampleEvent(), other])
  t.strictSame(batch?.requests, [requestCount])
  t.strictSame(
    rejected?.map(({ index }) => index),
    [0, 2],
  )
  t.strictSame(rejected?.[0]?.mistakes, ['Expected object'])
  t.match(rejected?.[1]?.mistakes, [/^level: /])
})

t.test('anything else that is bad costs the batch', async (t) => {
  for (const [name, batch] of Object.entries(goodBatches))
    t.strictSame(readBatch(batch), { batch, rejected: [] }, name)
  for (const [name, [batch, mistake]] of Object.entries(badBatches)) {
    const reading = readBatch(batch)
    t.match(reading.mistakes, [mistake], name)
    t.equal(reading.batch, undefined, name)
  }
})

t.test('the published schemas are those of the code', async (t) => {
  const folder = new URL('schemas/', import.meta.resolve('@faultline/protocol/package.json'))
  for (const [name, schema] of Object.entries({ 'error-event': errorEventSchema, batch: batchSchema })) {
    const file = new URL(`${name}-v1.json`, folder)
    if (process.env.UPDATE_SCHEMAS) writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
    const published = JSON.parse(readFileSync(file, 'utf8'))
    const current = JSON.parse(JSON.stringify(schema))
    t.strictSame(published, current, `${name}: run this test with UPDATE_SCHEMAS=1, then format the file`)
  }
})

t.test('ajv accepts and refuses the same documents by the published schemas', async (t) => {
  const ajv = newAjv()
  const isEvent = ajv.compile(errorEventSchema)
  const isBatch = ajv.compile(batchSchema)
  for (const [name, event] of Object.entries(goodEvents)) {
    t.equal(isEvent(event), true, name)
    t.equal(isBatch(batchOf({ events: [event] })), true, `in a batch: ${name}`)
  }
  for (const [name, [event]] of Object.entries(badEvents)) {
    t.equal(isEvent(event), false, name)
    t.equal(isBatch(batchOf({ events: [event] })), false, `in a batch: ${name}`)
  }
  for (const [name, batch] of Object.entries(goodBatches)) t.equal(isBatch(batch), true, name)
  for (const [name, [batch]] of Object.entries(badBatches)) t.equal(isBatch(batch), false, name)
})

t.test('a report with frames instead of stacks is an event without what only the SDK knows', async (t) => {
  type Reported = Omit<ErrorReport, 'thrown' | 'exceptions'> & {
    exceptions: (Omit<ReportedException, 'stack'> & { frames: StackFrame[] })[]
  }
  const withSdk = (report: Reported): ErrorEvent => ({
    ...report,
    service: 'orders',
    environment: 'test',
    sdk: { name: 'faultline.node', version: '0.1.0' },
  })
  const report: Reported = {
    id,
    occurredAt: minute,
    level: 'error',
    severity: 'high',
    handled: false,
    mechanism: 'http',
    platform: 'node',
    phase: 'response-started',
    exceptions: [{ type: 'Error', message: '', frames: [] }],
    problem: { type: 'about:blank', title: 'Teapot', status: 418, runbook: 'https://wiki.example/tea' },
    tenant: undefined,
    user: { id: '7', email: undefined },
  }
  t.strictSame(eventMistakes(withSdk(report)), [])
})

const key = '0123456789abcdef0123456789abcdef'

t.test('reads every form of a DSN', async (t) => {
  const forms: Record<string, [baseUrl: string, projectId: string]> = {
    [`https://${key}@faultline.example/7`]: ['https://faultline.example', '7'],
    [`http://${key}@localhost:8000/42`]: ['http://localhost:8000', '42'],
    [`https://${key}@faultline.example:443/7`]: ['https://faultline.example', '7'],
    [`https://${key}@faultline.example/a/b/7`]: ['https://faultline.example/a/b', '7'],
    [`https://${key}@faultline.example/a/7/`]: ['https://faultline.example/a', '7'],
    [`https://${key}@faultline.example//7//`]: ['https://faultline.example', '7'],
    [`https://${key}:${'f'.repeat(32)}@faultline.example/7`]: ['https://faultline.example', '7'],
    [`https://${key.toUpperCase()}@FAULTLINE.example/7`]: ['https://faultline.example', '7'],
    [`http://${key}@[::1]:8000/7`]: ['http://[::1]:8000', '7'],
    [` https://${key}@10.0.0.1/7\n`]: ['https://10.0.0.1', '7'],
    [`https://${key}@faultline.example/4507123456789012`]: ['https://faultline.example', '4507123456789012'],
  }
  for (const [dsn, [baseUrl, projectId]] of Object.entries(forms))
    t.strictSame(parseDsn(dsn), { publicKey: key, projectId, baseUrl }, dsn)
})

t.test('says what is wrong with a DSN, and never the DSN', async (t) => {
  const wrong: Record<string, RegExp> = {
    '': /is no URL/,
    'not a url': /is no URL/,
    [`${key}@faultline.example/7`]: /is no URL/,
    [`https://${key}@/7`]: /public key|is no URL/,
    [`https://${key}@faultline.example:99999/7`]: /is no URL/,
    [`ftp://${key}@faultline.example/7`]: /does not begin with http/,
    [`${key.replace('0', 'a')}:secret@faultline.example/7`]: /does not begin with http/,
    'https://faultline.example/7': /no public key of 32 hexadecimal digits/,
    [`https://${key.slice(1)}@faultline.example/7`]: /no public key/,
    [`https://${key}0@faultline.example/7`]: /no public key/,
    [`https://${key.replace('0', 'g')}@faultline.example/7`]: /no public key/,
    [`https://:${key}@faultline.example/7`]: /no public key/,
    [`https://${key}@faultline.example`]: /does not end with the number of a project/,
    [`https://${key}@faultline.example/shop`]: /number of a project/,
    [`https://${key}@faultline.example/7/shop`]: /number of a project/,
    [`https://${key}@faultline.example/-7`]: /number of a project/,
    [`https://${key}@faultline.example/7?a=1`]: /something behind the number/,
    [`https://${key}@faultline.example/7#a`]: /something behind the number/,
  }
  for (const [dsn, message] of Object.entries(wrong)) {
    const error = errorOf(() => parseDsn(dsn))
    t.ok(error instanceof TypeError, dsn)
    t.match(error?.message, message, dsn)
    const told = JSON.stringify([error?.message, Object.entries(error ?? {}), String(error?.cause)])
    t.notMatch(told, /[\da-f]{16}|faultline|secret|shop/, `${dsn}: tells nothing of it`)
  }
  t.throws(() => parseDsn(undefined as unknown as string), TypeError)
})

function errorOf(run: () => unknown): Error | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return error as Error
  }
}

interface Ajv {
  compile(schema: object): (value: unknown) => boolean
}

// ajv is no dependency of ours: it comes with Fastify.
function newAjv(): Ajv {
  const fastify = createRequire(import.meta.url).resolve('fastify')
  const compiler = createRequire(fastify).resolve('@fastify/ajv-compiler')
  const { Ajv2020 } = createRequire(compiler)('ajv/dist/2020.js')
  return new Ajv2020({ strict: true, strictTypes: false })
}
