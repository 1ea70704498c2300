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
  type ProblemError,
  problem,
  sendHandled,
  standardProblems,
  toResponse,
  validationFailed,
} from '@faultline/core'
import { recordingReporter } from '@faultline/core/testing'
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
  t.match([lines[0]?.fields['problem'], reporter.reports[0]?.problem], [{ runbook }, { runbook }])
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

function assertNever(): never {
  throw new Error('never')
}
