import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  combineReporters,
  createErrorHandler,
  defineProblems,
  type ErrorHandlerOptions,
  type ErrorRequest,
  type HandledError,
  mapError,
  mapErrorWhen,
  type ProblemDetails,
  type ProblemError,
  passThrough,
  problem,
  runWithContext,
  sendHandled,
  setTag,
  setUser,
  standardProblems,
  toResponse,
  validationFailed,
} from '@faultline/core'
import { parseProblem } from '@faultline/core/client'
import { recordingReporter } from '@faultline/core/testing'
import Boom from '@hapi/boom'
import createError from 'http-errors'
import t from 'tap'

interface Line {
  level: string
  fields: Record<string, unknown>
  message: string
}

/** A logger that keeps its lines. */
function memoryLogger() {
  const lines: Line[] = []
  const at =
    (level: string) =>
    (fields: object, message = '') =>
      lines.push({ level, fields: fields as never, message })
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
  }
}

/** Handles one error, and waits until log and report have had their turn. */
async function handled(
  thrown: unknown,
  options: ErrorHandlerOptions = {},
  request: Partial<ErrorRequest> = {},
) {
  const logger = memoryLogger()
  const answer = createErrorHandler({ logger, ...options }).handle(thrown, { method: 'GET', ...request })
  await Promise.resolve()
  return { answer, body: JSON.parse(answer.body) as Record<string, unknown>, lines: logger.lines }
}

t.test('an unknown error is a generic 500, and the log has what the client has not', async (t) => {
  const { answer, body, lines } = await handled(new TypeError('password=hunter2'))
  t.match(answer, { status: 500, severity: 'high', level: 'error', isReportable: true })
  t.strictSame(body, {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    instance: `urn:uuid:${answer.id}`,
  })
  t.match(answer.headers, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  t.equal(lines.length, 1)
  t.match(lines[0], {
    level: 'error',
    fields: {
      eventId: answer.id,
      method: 'GET',
      status: 500,
      err: { type: 'TypeError', message: 'password=[Filtered]' },
    },
  })
})

t.test('levels of the log are the logger’s, a fatal one falls back to error', async (t) => {
  const { Melted, Odd } = defineProblems(
    {},
    {
      Melted: { status: 500, title: 'm', level: 'fatal' },
      Odd: { status: 404, title: 'o', level: 'warning' },
    },
  )
  t.equal((await handled(new Melted())).lines[0]?.level, 'fatal')
  t.equal((await handled(new Odd())).lines[0]?.level, 'warn')
  const { fatal: _, ...logger } = memoryLogger()
  await handled(new Melted(), { logger })
  t.equal(logger.lines[0]?.level, 'error')
})

t.test('options with mistakes are refused at once, with every mistake named', async (t) => {
  const options = {
    validationStatus: 200,
    mappings: {},
    reporter: {},
    redact: { off: '' },
    limits: { bodyBytes: 1, depth: 3 },
    colour: 'red',
    logger: 'console',
    problems: { A: 1 },
  }
  const error = t.throws(() => createErrorHandler(options as never)) as unknown as ProblemError
  t.equal(error.name, 'InvalidOptions')
  const { mistakes } = error.extensions as { mistakes: string[] }
  t.equal(mistakes.length, Object.keys(options).length)
  for (const name of Object.keys(options))
    t.ok(
      mistakes.some((mistake) => mistake.startsWith(name)),
      name,
    )
  for (const mistake of mistakes) t.ok(error.message.includes(mistake))
})

t.test('a mapping may return a problem of the catalogue, an init, or decline', async (t) => {
  class Base extends Error {}
  class Derived extends Base {}
  const mappings = [
    mapError(Base, () => ({ status: 409, title: 'Base' })),
    mapError(Derived, (error) => (error.message === 'no' ? undefined : new standardProblems.Gone())),
    mapErrorWhen(
      (error) => error === 7,
      () => problem(404, 'seven'),
    ),
  ]
  t.equal((await handled(new Derived('yes'), { mappings })).answer.status, 410)
  t.match((await handled(new Derived('no'), { mappings })).body, { status: 409, title: 'Base' })
  t.match((await handled(7, { mappings })).body, { status: 404, detail: 'seven' })
  const bad = await handled(new Base(), { mappings: [mapError(Base, () => ({ status: 200 }))] })
  t.equal(bad.answer.status, 500)
  t.match(bad.lines[1], { level: 'warn', message: /a mapping failed: A mapping must return/ })
})

t.test('a replaced standard problem stands in for the framework’s and the library’s', async (t) => {
  const problems = defineProblems(
    { base: 'https://e.example/', include: standardProblems },
    {
      NotFound: { status: 404, title: 'We have no such thing.', detail: 'Look elsewhere.' },
      ValidationFailed: { status: 422, title: 'No.' },
    },
  )
  const type = 'https://e.example/not-found'
  t.match((await handled(new standardProblems.NotFound(), { problems })).body, {
    type,
    detail: 'Look elsewhere.',
  })
  t.match((await handled(new standardProblems.NotFound({ detail: 'x' }), { problems })).body, {
    type,
    detail: 'x',
  })
  t.match((await handled(Object.assign(new Error('x'), { status: 404 }), { problems })).body, { type })
  const validation = Object.assign(new Error('v'), {
    validation: [],
    validationContext: 'body',
    statusCode: 400,
  })
  t.match((await handled(validation, { problems })).body, {
    type: 'https://e.example/validation-failed',
    status: 422,
  })
})

t.test(
  'trustStatus: plain errors are believed, subclasses only when told; the warning comes once a class',
  async (t) => {
    class Upstream extends Error {
      statusCode = 401
    }
    const logger = memoryLogger()
    const { handle } = createErrorHandler({ logger })
    t.equal(handle(new Upstream(), { method: 'GET' }).status, 500)
    t.equal(handle(new Upstream(), { method: 'GET' }).status, 500)
    await Promise.resolve()
    t.equal(logger.lines.filter(({ message }) => /mapError\(Upstream/.test(message)).length, 1)
    t.equal((await handled(new Upstream(), { trustStatus: true })).answer.status, 401)
    const plain = Object.assign(new Error('x'), { statusCode: 429 })
    t.match(await handled(plain), { answer: { status: 429, level: 'warning' }, lines: [{ level: 'warn' }] })
    t.equal((await handled(plain, { trustStatus: false })).answer.status, 500)
    t.equal(
      (await handled(Object.assign(new Error('x'), { statusCode: 429, response: {} }))).answer.status,
      500,
    )
    t.equal(
      (await handled(new Upstream(), {}, { status: 401 })).answer.status,
      500,
      'a status that instrumentation copied',
    )
    t.equal((await handled(new Error('x'), {}, { status: 404 })).answer.status, 404)
  },
)

t.test('a failed validation is logged as what it is, with its issues as data', async (t) => {
  const thrown = t.throws(() => validationFailed([{ message: 'is too small', path: ['a'] }]))
  const { answer, lines } = await handled(thrown, { validationStatus: 422 })
  t.equal(answer.status, 422)
  const err = { type: 'ValidationFailed', message: 'The request is not valid.', errors: [{ pointer: '#/a' }] }
  t.match(lines, [{ fields: { err, problem: { title: 'The request is not valid.' } } }])
  t.notMatch(JSON.stringify(lines), 'aggregateErrors')
})

t.test('the runbook is for log and report, never for the client', async (t) => {
  const runbook = 'https://wiki.example/busy'
  const { Busy } = defineProblems({}, { Busy: { status: 503, title: 'Busy', runbook } })
  const reporter = recordingReporter()
  const { answer, lines } = await handled(new Busy(), { reporter })
  t.notMatch(answer.body, runbook)
  t.match([lines[0]?.fields.problem, reporter.reports[0]?.problem], [{ runbook }, { runbook }])
})

t.test('our own errors show a client nothing when they are thrown in a request', async (t) => {
  const thrown = t.throws(() => createErrorHandler({ validationStatus: 200 } as never))
  t.strictSame(Object.keys((await handled(thrown)).body), ['type', 'title', 'status', 'instance'])
})

t.test('the same error of one request is handled once, another request’s anew', async (t) => {
  const reporter = recordingReporter()
  const { handle } = createErrorHandler({ reporter, logger: false })
  const error = new Error('x')
  const native = {}
  const first = handle(error, { method: 'GET', native })
  t.equal(handle(error, { method: 'GET', native }), first)
  t.not(handle(error, { method: 'GET', native: {} }).id, first.id)
  await Promise.resolve()
  t.equal(reporter.reports.length, 2)
})

t.test('languages, older bodies, debug and a custom instance', async (t) => {
  const { Poor } = defineProblems(
    {},
    {
      Poor: {
        status: 403,
        title: 'Poor',
        detail: 'No money',
        translations: { fr: { title: 'Pauvre', detail: 'Sans le sou' } },
      },
    },
  )
  const french = { headers: { 'accept-language': 'fr-CH, en;q=0.5' } }
  const answer = await handled(new Poor(), {}, french)
  t.match(answer.body, { title: 'Pauvre', detail: 'Sans le sou' })
  t.match(answer.answer.headers, { 'content-language': 'fr', vary: 'Accept-Language' })
  t.match((await handled(new Poor({ detail: 'mine' }), {}, french)).body, { title: 'Pauvre', detail: 'mine' })
  t.match((await handled(new Poor(), { locale: () => ['fr'] })).body, { title: 'Pauvre' })
  t.match((await handled(new Poor(), { legacyBody: 'fastify' })).body, {
    statusCode: 403,
    error: 'Forbidden',
    message: 'No money',
  })
  const debug = await handled(new Error('x'), { debug: 'even-in-production' })
  t.match(debug.body, { debug: { stack: /handler\.test/ } })
  t.equal(
    (await handled(new Poor(), { instance: (id) => `/errors/${id}?token=x` })).body.instance
      ?.toString()
      .includes('?'),
    false,
  )
  t.match((await handled(new Poor(), { instance: () => 'not a uri' })).body.instance, /^urn:uuid:/)
})

t.test('combined reporters hear of everything, also when one of them is broken', async (t) => {
  const good = recordingReporter()
  const broken = { report: () => assertNever(), flush: async () => assertNever(), close: async () => false }
  const reporter = combineReporters(broken, good)
  await handled(new Error('x'), { reporter })
  t.equal(good.reports.length, 1)
  t.equal(await reporter.flush(), false)
  t.equal(await combineReporters(good).flush(), true)
  t.equal(await reporter.close(), false)
  t.ok(good.isClosed)
})

t.test('without a logger the console has it', async (t) => {
  const lines = t.capture(console, 'error', () => undefined)
  createErrorHandler().handle(new Error('nobody logs me'), { method: 'GET', route: '/x' })
  await Promise.resolve()
  t.match(lines(), [{ args: [/^GET \/x 500 event .*: Error: nobody logs me\n/] }])
})

t.test('other frameworks: a fetch Response and a Node response say the same', async (t) => {
  const { Busy } = defineProblems({}, { Busy: { status: 503, title: 'Busy', retryAfterSeconds: 7 } })
  const { handle } = createErrorHandler({ logger: false })
  const response = toResponse(handle(new Busy(), { method: 'GET' }))
  t.match([response.status, response.headers.get('retry-after')], [503, '7'])
  let answer: HandledError | undefined
  const server = createServer((_request, res) => {
    res.setHeader('etag', '"old"').setHeader('vary', 'Origin')
    answer = handle(new Busy(), { method: 'GET', headers: {} })
    sendHandled(res, { ...answer, headers: { ...answer.headers, vary: 'Accept, origin' } })
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  t.teardown(() => server.close())
  const live = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  t.match([live.status, live.headers.get('etag'), live.headers.get('vary')], [503, null, 'origin, Accept'])
  t.match(await live.json(), { title: 'Busy', instance: `urn:uuid:${answer?.id}` })
  t.match(await response.json(), { title: 'Busy', status: 503 })
})

t.test('a withheld detail stays withheld in every language', async (t) => {
  const { Quiet } = defineProblems(
    {},
    {
      Quiet: {
        status: 403,
        title: 'No',
        detail: 'secret',
        expose: false,
        translations: { fr: { title: 'Non', detail: 'secret' } },
      },
    },
  )
  const { answer, body } = await handled(new Quiet(), {}, { headers: { 'accept-language': 'fr' } })
  t.match(body, { title: 'Non' })
  t.notMatch(answer.body, 'secret')
})

t.test('a withheld detail stays withheld when its definition stands in for a bare status', async (t) => {
  const problems = defineProblems(
    {},
    { NotFound: { status: 404, title: 'No', detail: 'secret', expose: false } },
  )
  const bare = Object.assign(new Error('x'), { status: 404 })
  for (const thrown of [bare, new standardProblems.NotFound()]) {
    t.strictSame(Object.keys((await handled(thrown, { problems })).body), [
      'type',
      'title',
      'status',
      'instance',
    ])
  }
})

t.test('a throw with nonsense in it neither replaces the error nor harms the process', async (t) => {
  const limit = Error.stackTraceLimit
  t.equal(new standardProblems.NotFound({ detail: Object.create(null) }).message, 'Not Found')
  const mappings = [
    mapErrorWhen(
      () => true,
      () => ({ status: 409, detail: Symbol('x') }) as never,
    ),
  ]
  const { answer } = await handled(new standardProblems.NotFound(), { mappings })
  t.equal(answer.status, 409)
  t.equal(Error.stackTraceLimit, limit)
  t.throws(() => mapError(undefined as never, () => undefined), /mapError/)
})

t.test('handle never throws, whatever the request is', async (t) => {
  const { handle } = createErrorHandler({ logger: false })
  const trap = () => assertNever()
  const native = new Proxy({}, { get: trap, set: trap, isExtensible: trap, has: trap })
  t.equal(handle(new Error('x'), { method: 'GET', native }).status, 500)
  t.equal(
    handle(new Error('x'), {
      method: 'GET',
      get headers(): never {
        return assertNever()
      },
    }).status,
    500,
  )
  t.equal(handle(new Error('x'), undefined as never).status, 500)
})

t.test('only a trusted error brings its headers along', async (t) => {
  const headers = { location: 'https://evil.example/' }
  const preset = await handled(Object.assign(new Error('x'), { headers }), {}, { status: 404 })
  t.equal(preset.answer.headers.location, undefined)
  const trusted = await handled(Object.assign(new Error('x'), { status: 404, headers }))
  t.equal(trusted.answer.headers.location, headers.location)
})

t.test(
  'customize cannot bring in an instance with a query, a type that is no URI, or another status',
  async (t) => {
    const customize = (problem: ProblemDetails) => ({
      ...problem,
      instance: '/x?token=abc',
      type: 'not a uri',
      status: 200,
      extra: 1,
    })
    const { answer, body } = await handled(new Error('x'), { customize })
    t.match(body, { type: 'about:blank', status: 500, instance: '/x', extra: 1 })
    t.equal(answer.status, 500)
  },
)

t.test('errors are limited by number and by bytes, whole entries only', async (t) => {
  const issues = Array.from({ length: 50 }, (_, i) => ({
    message: `is wrong ${'x'.repeat(100)}`,
    path: [`field${i}`],
  }))
  const thrown = t.throws(() => validationFailed(issues))
  const two = (await handled(thrown, { limits: { errors: 2 } })).body as {
    errors: unknown[]
    truncated: boolean
  }
  t.same([two.errors.length, two.truncated], [2, true])
  const small = (await handled(thrown, { limits: { bodyBytes: 4096 } })) as unknown as {
    answer: HandledError
    body: typeof two
  }
  t.ok(small.answer.body.length <= 4096 && small.body.errors.length > 5)
  t.equal(small.body.truncated, true)
  for (const error of small.body.errors)
    t.match(error, { pointer: /^#\/field\d+$/, detail: /^is wrong x{100}$/ })
})

t.test(
  'what is said at the throw of a failed validation stays, and a passed one keeps its status',
  async (t) => {
    const thrown = new standardProblems.ValidationFailed({ instance: '/x', headers: { 'retry-after': '1' } })
    const { answer, body } = await handled(thrown, { validationStatus: 422 })
    t.match(body, { status: 422, instance: '/x' })
    t.equal(answer.headers['retry-after'], '1')
    const passed = passThrough({
      type: 'urn:faultline:validation-failed',
      title: 'Theirs',
      status: 422,
      more: 1,
    } as never)
    t.match((await handled(passed)).body, { status: 422, title: 'Theirs', more: 1 })
  },
)

t.test('a definition that says captureStack: false is left alone by captureStack: always', async (t) => {
  const problems = defineProblems(
    {},
    { A: { status: 404, title: 'a', captureStack: false }, B: { status: 404, title: 'b' } },
  )
  createErrorHandler({ problems, captureStack: 'always' })
  t.notMatch(new problems.A().stack, /handler\.test/)
  t.match(new problems.B().stack, /handler\.test/)
})

t.test('a huge extension keeps its name', async (t) => {
  const { Odd } = defineProblems(
    {},
    { Odd: { status: 409, title: 'o', extensions: { static: {} as { value: string } } } },
  )
  const { body } = await handled(new Odd({ value: 'x'.repeat(1e6) }))
  t.match(body.value, /^x{1000}/)
  t.strictSame(Object.keys(body), ['type', 'title', 'status', 'instance', 'value', 'truncated'])
})

t.test('paths to hide begin at the record', async (t) => {
  const redact = { paths: ['route', 'err.tenant'] }
  const { lines } = await handled(
    Object.assign(new Error('x'), { tenant: 'acme' }),
    { redact },
    { route: '/secret/:id' },
  )
  t.match(lines[0]?.fields, { route: '[Filtered]', err: { tenant: '[Filtered]' } })
})

t.test('what boom made is shown, what it decorated is not', async (t) => {
  t.match((await handled(Boom.conflict('Taken.'))).body, { status: 409, detail: 'Taken.' })
  t.match((await handled(new Boom.Boom('Gone.', { statusCode: 410 }))).body, { status: 410, detail: 'Gone.' })
  const decorated = await handled(Boom.boomify(new Error('secret'), { statusCode: 409 }))
  t.strictSame([decorated.body.status, decorated.body.detail], [409, undefined])
})

t.test('a report that is sent as JSON has nothing that is not redacted', async (t) => {
  const reporter = recordingReporter()
  const thrown = Object.assign(new Error('x'), { password: 'hunter2' })
  await handled(thrown, { reporter })
  t.equal(reporter.reports[0]?.thrown, thrown)
  t.notMatch(JSON.stringify(reporter.reports), 'hunter2')
})

t.test('what is set in the request wins over what the option context says of all', async (t) => {
  const reporter = recordingReporter()
  const context = () => ({ user: { id: 'anon' }, tags: { a: 'option', b: 'option' } })
  await runWithContext({}, async () => {
    setUser({ id: '7' })
    setTag('a', 'request')
    await handled(new Error('x'), { reporter, context })
  })
  t.match(reporter.reports[0], { user: { id: '7' }, tags: { a: 'request', b: 'option' } })
})

t.test('a status that is none makes a 500 that shows nothing of it', async (t) => {
  t.strictSame((await handled(problem(200, 'x'))).body.detail, undefined)
})

t.test('the record of an unknown route has its path, without the query', async (t) => {
  const { lines } = await handled(new standardProblems.NotFound(), {}, { url: '/nope?token=abc' })
  t.equal(lines[0]?.fields.path, '/nope')
})

t.test('a body that was cut says so', async (t) => {
  const items = Array.from({ length: 5000 }, (_, i) => ({ sku: `s${i}`, n: i }))
  const { answer, body } = await handled(problem(422, 'x', { items, after: 1 }))
  t.ok(answer.body.length <= 65_536)
  t.equal(body.truncated, true)
})

t.test('debug shows in the page for browsers too', async (t) => {
  const options = { html: true, debug: 'even-in-production' } as const
  const handler = createErrorHandler({ logger: false, ...options })
  const { body } = handler.handle(new Error('x'), {
    method: 'GET',
    headers: { accept: 'text/html,*/*;q=0.1' },
  })
  t.match(body, /<pre>[\s\S]*handler\.test/)
})

t.test('a copy of a parsed problem is still another service’s', async (t) => {
  const parsed = parseProblem({
    status: 404,
    headers: { 'content-type': 'application/problem+json' },
    body: { title: 'T' },
  })
  for (const copy of [parsed, { ...parsed }, structuredClone(parsed)])
    t.equal((await handled(copy)).answer.status, 502)
})

t.test('names that every object has are no keys of a table', async (t) => {
  const parser = Object.assign(createError(400, 'x', { expose: true }), { type: 'constructor' })
  t.equal((await handled(parser)).answer.status, 400)
  const fastify = Object.assign(new Error('x'), {
    name: 'FastifyError',
    code: 'constructor',
    statusCode: 400,
  })
  t.equal((await handled(fastify)).answer.status, 400)
})

t.test('the headers of one error stay within what clients accept', async (t) => {
  const headers = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`x-ratelimit-${i}`, 'x'.repeat(8000)]),
  )
  const { answer } = await handled(
    Object.assign(new Error('x'), { status: 429, headers: { ...headers, 'retry-after': '-1' } }),
  )
  t.ok(JSON.stringify(answer.headers).length < 14_000)
  t.equal(answer.headers['retry-after'], undefined)
})

t.test('a traceparent shows in body, log and report alike, without async context as well', async (t) => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const reporter = recordingReporter()
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  const { body, lines } = await handled(new Error('x'), { reporter }, { headers })
  t.match(
    [body, lines[0]?.fields, reporter.reports[0]?.trace],
    [{ traceId }, { traceId }, { traceId, spanId: 'b7ad6b7169203331' }],
  )
})

function assertNever(): never {
  throw new Error('never')
}
