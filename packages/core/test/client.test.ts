import { Type } from '@sinclair/typebox'
import t from 'tap'
import { defineProblems } from '../src/catalogue/define-problems.js'
import { ProblemError } from '../src/catalogue/problem-error.js'
import { standardProblems } from '../src/catalogue/standard-problems.js'
import { STATUS_NAMES } from '../src/catalogue/status-names.js'
import { parseProblem } from '../src/client.js'
import { passThrough } from '../src/mapping/pass-through.js'

const base = 'https://errors.shop.example/'
const JSON_TYPE = 'application/problem+json'

const problems = defineProblems(
  { base, include: standardProblems },
  {
    OutOfCredit: {
      status: 403,
      title: 'You do not have enough credit.',
      extensions: Type.Object({ balance: Type.Number(), cost: Type.Number() }),
    },
    Busy: { status: 503, title: 'Try again soon.' },
    Http2Only: { status: 505, title: 'Use HTTP/2.' },
    IMATeapot: { status: 418, title: 'I am a teapot.' },
    Elsewhere: { status: 410, title: 'Elsewhere.', type: 'https://other.example/gone' },
    Renamed: { status: 499, title: 'Too late.', type: 'about:blank' },
  },
)
const options = {
  base,
  types: { IMATeapot: `${base}ima-teapot`, Elsewhere: 'https://other.example/gone', Renamed: 499 },
} as const

const parse = (body: unknown, { status = 403, headers = {} } = {}) =>
  parseProblem<typeof problems>({ status, headers: { 'Content-Type': JSON_TYPE, ...headers }, body }, options)

const outOfCredit = {
  type: `${base}out-of-credit`,
  title: 'You do not have enough credit.',
  status: 403,
  detail: 'Your balance is 30, but that costs 50.',
  instance: 'urn:uuid:018f3c5e-7a2b-7c3d-9e4f-5a6b7c8d9e0f',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  balance: 30,
  cost: 50,
}

t.test('reads every entry of a catalogue back by its name', async (t) => {
  for (const [name, Problem] of Object.entries(problems)) {
    const { type, title, status } = Problem.definition
    const extensions = { balance: 30, list: [1, { two: null }] }
    const problem = parse({ type, title, status, ...extensions }, { status })
    t.match(problem, { name, type, title, status }, name)
    t.same(problem?.extensions, extensions)
  }
})

t.test('knows the standard problems by their status', async (t) => {
  const byStatus: Record<number, string> = {}
  for (const [name, { definition }] of Object.entries(standardProblems)) {
    if (name !== 'ValidationFailed') byStatus[definition.status] = name
  }
  t.same(STATUS_NAMES, byStatus)
})

t.test('reads a fetch Response', async (t) => {
  const headers = { 'content-type': `${JSON_TYPE}; charset=utf-8`, 'retry-after': '120' }
  const response = new Response(JSON.stringify(outOfCredit), { status: 403, headers })
  const problem = await parseProblem<typeof problems>(response, { base })
  t.same(problem, {
    name: 'OutOfCredit',
    type: outOfCredit.type,
    title: outOfCredit.title,
    status: 403,
    detail: outOfCredit.detail,
    instance: outOfCredit.instance,
    traceId: outOfCredit.traceId,
    retryAfterSeconds: 120,
    extensions: { balance: 30, cost: 50 },
    origin: 'remote',
  })
})

t.test('reads text, bytes and an object that is parsed already', async (t) => {
  const text = JSON.stringify(outOfCredit)
  for (const body of [text, new TextEncoder().encode(text), Buffer.from(text), outOfCredit]) {
    t.match(parse(body), { name: 'OutOfCredit', extensions: { balance: 30 } })
  }
})

t.test('finds headers in any case, in a Headers, in a list', async (t) => {
  for (const headers of [
    new Headers({ 'content-type': JSON_TYPE, 'retry-after': '5' }),
    { 'CONTENT-TYPE': JSON_TYPE.toUpperCase(), 'Retry-After': '5' },
    { 'content-type': [JSON_TYPE, 'text/html'], 'retry-after': 5 },
  ]) {
    t.match(parseProblem({ status: 503, headers, body: '{}' }), {
      name: 'ServiceUnavailable',
      retryAfterSeconds: 5,
    })
  }
})

t.test('leaves a body of another media type unread', async (t) => {
  for (const mediaType of [
    'application/json',
    'text/html',
    'application/problem+xml',
    'application/problem+jsonx',
  ]) {
    const response = new Response('{}', { status: 404, headers: { 'content-type': mediaType } })
    t.equal(await parseProblem(response), undefined, mediaType)
    t.equal(response.bodyUsed, false)
  }
  t.equal(await parseProblem(new Response(null, { status: 404 })), undefined)
  t.equal(parseProblem({ status: 404, headers: {}, body: '{}' }), undefined)
})

t.test('what is no JSON object is no problem', async (t) => {
  for (const body of ['[]', '"x"', 'null', '7', '', '{"type":', undefined, null, []])
    t.equal(parse(body), undefined)
})

t.test('ignores core members of the wrong type, and the status member', async (t) => {
  const odd = { type: 1, title: {}, status: '404', detail: [], instance: null, more: 1 }
  const problem = parse(odd, { status: 404 })
  t.match(problem, {
    name: 'NotFound',
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    extensions: { more: 1 },
  })
  t.same(Object.keys(problem?.extensions ?? {}), ['more'])
  t.notOk(Object.hasOwn(problem ?? {}, 'detail'))
})

t.test('keeps the extensions of a type that it does not know', async (t) => {
  for (const type of [
    'https://elsewhere.example/x',
    `${base}deep/er`,
    `${base}Odd_Name`,
    base,
    'about:blank#x',
    '/relative',
  ]) {
    t.match(parse({ ...outOfCredit, type }), {
      name: 'UnknownProblem',
      type,
      extensions: { balance: 30, cost: 50 },
    })
  }
})

t.test('takes a base without its slash, in another spelling', async (t) => {
  for (const spelling of ['https://errors.shop.example', 'HTTPS://Errors.Shop.Example:443/']) {
    const problem = parseProblem(
      { status: 403, headers: { 'content-type': JSON_TYPE }, body: outOfCredit },
      { base: spelling },
    )
    t.match(problem, { name: 'OutOfCredit' })
  }
})

t.test("keeps another library's errors among the extensions", async (t) => {
  const errors = { name: ['is required'] }
  const problem = parse({ errors, traceId: 7, truncated: 'no' }, { status: 400 })
  t.match(problem, { name: 'BadRequest', extensions: { errors, traceId: 7, truncated: 'no' } })
  t.notOk(Object.hasOwn(problem ?? {}, 'errors'))
})

t.test('gives up on a body above the limit, and names it', async (t) => {
  const huge = JSON.stringify({ title: 'é'.repeat(600_000) })
  const limit = { name: 'RangeError', message: /1048576/ }
  await t.rejects(parseProblem(new Response(huge, { headers: { 'content-type': JSON_TYPE } })), limit)
  t.throws(() => parse(huge), limit)
  t.throws(() => parse(Buffer.from(huge)), limit)
  const withoutStream = {
    status: 400,
    headers: new Headers({ 'content-type': JSON_TYPE }),
    text: async () => huge,
  }
  await t.rejects(parseProblem(withoutStream), limit)
  const small = { status: 400, headers: { 'content-type': JSON_TYPE }, body: '{"a":"é"}' }
  t.ok(parseProblem(small, { limitBytes: 10 }))
  t.throws(() => parseProblem(small, { limitBytes: 9 }), { message: /9/ })
})

t.test('stops reading an endless body', async (t) => {
  let isCancelled = false
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    cancel: () => {
      isCancelled = true
    },
  })
  await t.rejects(parseProblem(new Response(endless, { headers: { 'content-type': JSON_TYPE } })), RangeError)
  t.equal(isCancelled, true)
})

t.test('reads Retry-After in both forms', async (t) => {
  const secondsOf = (value: string) =>
    parse({}, { status: 503, headers: { 'retry-after': value } })?.retryAfterSeconds
  t.equal(secondsOf('120'), 120)
  t.equal(secondsOf(' 0 '), 0)
  const inAMinute = secondsOf(new Date(Date.now() + 60_000).toUTCString()) ?? Number.NaN
  t.ok(inAMinute > 55 && inAMinute <= 60)
  t.equal(secondsOf('Wed, 21 Oct 2015 07:28:00 GMT'), 0)
  for (const odd of ['-1', '1.5', 'soon', '', 'NaN']) t.equal(secondsOf(odd), undefined, odd)
})

t.test('a body cannot touch a prototype', async (t) => {
  const problem = parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{}},"more":1}')
  t.same(Object.keys(problem?.extensions ?? {}).sort(), ['constructor', 'more'])
  t.equal(Reflect.get(Object.assign({}, problem?.extensions), 'isAdmin'), undefined)
})

t.test('marks what it parsed as another service’s', async (t) => {
  const problem = parse(outOfCredit) as object
  const mark = Symbol.for('@faultline/remote-problem')
  t.equal(Reflect.get(problem, mark), true)
  t.equal(Object.keys(problem).includes('origin'), true)
  t.equal(Object.prototype.propertyIsEnumerable.call(problem, mark), false)
})

t.test('passThrough forwards the problem under a new instance', async (t) => {
  const parsed = parse({ ...outOfCredit, errors: [{ detail: 'x' }] })
  if (parsed === undefined) throw new Error('not parsed')
  for (const problem of [parsed, { ...parsed }, { ...outOfCredit, errors: [{ detail: 'x' }] }]) {
    const passed = passThrough(problem)
    t.equal(ProblemError.is(passed), true)
    const { type, title, detail } = outOfCredit
    t.match(passed, {
      type,
      title,
      status: 403,
      detail,
      origin: 'local',
      errors: [{ detail: 'x' }],
      cause: problem,
    })
    t.same(passed.extensions, { balance: 30, cost: 50 })
    t.equal(passed.instance, undefined)
  }
})

t.test('passThrough keeps what it is told to keep', async (t) => {
  const parsed = parse(outOfCredit, { status: 429, headers: { 'retry-after': '9' } })
  if (parsed === undefined) throw new Error('not parsed')
  const passed = passThrough(parsed, { keep: ['status', 'balance', 'retryAfterSeconds'] })
  t.match(passed, {
    type: 'about:blank',
    title: 'Too Many Requests',
    status: 429,
    headers: { 'retry-after': '9' },
  })
  t.same(passed.extensions, { balance: 30 })
  t.equal(passed.detail, undefined)
})

t.test('passThrough answers 502 for what is no error status, and survives hostile input', async (t) => {
  for (const status of [200, 304, 600, 404.5, '404'])
    t.equal(passThrough({ ...outOfCredit, status } as never).status, 502)
  t.equal(passThrough(outOfCredit, { keep: ['type'] }).status, 502)
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  for (const hostile of [proxy, null, undefined, 7, []]) t.equal(passThrough(hostile as never).status, 502)
})
