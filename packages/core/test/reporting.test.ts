import { createErrorHandler, defineProblems, ProblemError, type Reporter } from '@faultline/core'
import { isReportable, knownEventId, rememberEventId, thrownReport } from '@faultline/core/adapter'
import t from 'tap'
import { addBreadcrumb, type RequestContext, runWithContext } from '../src/context/request-context.js'
import { createRedactor, type RedactOptions } from '../src/redaction/redact.js'
import { errorReport, type ReportParts } from '../src/reporting/error-report.js'
import { serializeError } from '../src/thrown/serialize-error.js'

const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }

interface Told extends Partial<Omit<ReportParts, 'redactor'>> {
  redact?: RedactOptions
}

function reportOf({ redact, ...parts }: Told = {}) {
  const thrown = Object.assign(new Error('broken'), { config: { internal: 'x' } })
  return errorReport({
    handled: {
      id: '01a208a0-c75b-755e-a4a5-c34b80460aa7',
      status: 500,
      headers: {},
      body: '',
      problem: { type: 'about:blank', title: 'Internal Server Error', status: 500 },
      severity: 'high',
      level: 'error',
      isReportable: true,
      isSilent: false,
      err: serializeError(thrown, { redact }),
    },
    request: { method: 'GET' },
    thrown,
    now: new Date(0),
    context: undefined,
    trace: undefined,
    redactor: createRedactor(redact),
    ...parts,
  })
}

t.test('a user keeps e-mail and address, and no secret by its key', async (t) => {
  const user = { id: '7', email: 'ann@example.com', password: 'hunter2', ips: ['203.0.113.7'] }
  const report = reportOf({
    context: { user, tenant: 'acme', extra: { note: 'ask ann@example.com' } },
    trace: { ...trace, accessToken: 'abc' } as typeof trace,
  })
  t.strictSame(report.user, { ...user, password: '[Filtered]' })
  t.equal(report.tenant, 'acme')
  t.strictSame(report.trace, { ...trace, accessToken: '[Filtered]' })
  t.strictSame(report.extra, { note: 'ask [Filtered]' })
})

t.test('a request is readable and without secrets', async (t) => {
  const { request } = reportOf({
    request: {
      method: 'GET',
      url: '/orders/7?token=abc&page=2',
      id: 'Bearer abc',
      ip: '203.0.113.7',
      headers: {
        host: '127.0.0.1:3000',
        'user-agent': 'curl/8',
        accept: ['text/html', '*/*'],
        'x-forwarded-for': '203.0.113.7, 10.0.0.1',
        authorization: 'Basic x',
        'x-nothing': undefined,
        'x-long': 'l'.repeat(10_000),
      },
    },
  })
  t.match(request, {
    method: 'GET',
    status: 500,
    url: '/orders/7',
    query: 'token=[Filtered]&page=2',
    id: 'Bearer [Filtered]',
    ip: '203.0.113.7',
    userAgent: 'curl/8',
    headers: {
      host: '127.0.0.1:3000',
      accept: 'text/html, */*',
      'x-forwarded-for': '203.0.113.7, 10.0.0.1',
      authorization: '[Filtered]',
      'x-long': /^l{1000,1024}$/,
    },
  })
  t.notOk('x-nothing' in (request?.headers ?? {}))
})

t.test('paths begin at the report, and what was thrown stays as it is', async (t) => {
  const { thrown, ...report } = reportOf({
    redact: {
      paths: [
        'request.headers.x-tenant',
        'user.*.ssn',
        'tags.plan',
        'err.config.internal',
        'thrown.config',
        'problem.title',
      ],
    },
    request: { method: 'GET', headers: { 'X-Tenant': 'acme', host: 'shop.example' } },
    context: {
      user: { id: '7', family: { ssn: 1, age: 2 } } as RequestContext['user'],
      tags: { plan: 'free' },
    },
  })
  t.match(report, {
    request: { headers: { 'X-Tenant': '[Filtered]', host: 'shop.example' } },
    user: { id: '7', family: { ssn: '[Filtered]', age: 2 } },
    tags: { plan: '[Filtered]' },
    exceptions: [{ meta: { config: { internal: '[Filtered]' } } }],
    problem: { title: '[Filtered]' },
  })
  t.strictSame((thrown as { config?: unknown }).config, { internal: 'x' })
})

t.test('the trace is told without a context, and before the context’s own', async (t) => {
  t.strictSame(reportOf({ trace }).trace, trace)
  const other = { traceId: 'f'.repeat(32), spanId: 'f'.repeat(16) }
  runWithContext({ trace: other }, () => t.strictSame(reportOf({ trace }).trace, trace))
})

t.test('what the option context says stands behind the current context', async (t) => {
  const current = {
    user: { id: '7' },
    tenant: 'acme',
    tags: { plan: 'free', region: 'eu' },
    extra: { cart: 1 },
  }
  runWithContext(current, () => {
    const report = reportOf({ context: { user: undefined, tenant: 'other', tags: { plan: 'pro' } } })
    t.match(report, { user: { id: '7' }, tenant: 'acme', extra: { cart: 1 } })
    t.strictSame(report.tags, { plan: 'free', region: 'eu' })
  })
  t.notOk('tags' in reportOf())
  const hostile = {
    get tags() {
      throw new Error('no')
    },
  } as unknown as RequestContext
  t.equal(reportOf({ context: hostile }).message, 'broken')
})

t.test('everything but what was thrown is redacted and bounded', async (t) => {
  const parts = reportOf()
  const { thrown, ...report } = errorReportOfSecrets()
  t.notMatch(JSON.stringify(report), /hunter2|abc\.def/)
  t.ok(JSON.stringify(report).length < 2 ** 18)
  t.equal(parts.problem?.title, 'Internal Server Error')
  t.match(thrown, { message: 'password=hunter2' })
})

function errorReportOfSecrets() {
  const thrown = new Error('password=hunter2')
  const problem = {
    type: 'about:blank',
    title: 'x',
    status: 500,
    detail: 'Bearer abc.def',
    secret: 'hunter2',
  }
  const { handled } = { handled: { id: 'x', problem, status: 500, err: serializeError(thrown) } as never }
  return reportOf({
    handled,
    thrown,
    request: { method: 'GET', route: '/x?token=hunter2', url: `/${'u'.repeat(1e6)}` },
    context: { extra: { big: 'password=hunter2 '.repeat(1e6) }, tags: { token: 'hunter2' } },
  })
}

const problems = defineProblems(
  {},
  {
    OutOfStock: { status: 409, title: 'Out of stock', runbook: 'https://runbooks.example/stock' },
    Disk: { status: 503, title: 'The disk is full', severity: 'critical', level: 'fatal' },
  },
)
const byHand = { mechanism: 'manual', handled: true } as const

t.test('an error outside of a handler is reported with its causes and the current context', async (t) => {
  const thrown = Object.assign(new Error('broken', { cause: new TypeError('why') }), { code: 'E_X' })
  const current = { user: { id: '7' }, tenant: 'acme', tags: { plan: 'free', region: 'eu' }, trace }
  const report = runWithContext(current, () => {
    addBreadcrumb({ category: 'job', message: 'began' })
    const context = { tenant: 'other', tags: { plan: 'pro' }, extra: { cart: 1 } }
    return thrownReport(thrown, { ...byHand, now: new Date(0), context, fingerprint: ['a', 'b'] })
  })
  t.match(report, {
    id: /^[\da-f]{8}-[\da-f]{4}-7/,
    occurredAt: '1970-01-01T00:00:00.000Z',
    level: 'error',
    handled: true,
    mechanism: 'manual',
    platform: 'node',
    message: 'broken',
    exceptions: [
      { type: 'Error', message: 'broken', code: 'E_X', stack: /reporting\.test/ },
      { type: 'TypeError', message: 'why' },
    ],
    user: { id: '7' },
    tenant: 'other',
    extra: { cart: 1 },
    breadcrumbs: [{ category: 'job', message: 'began' }],
    trace,
  })
  t.strictSame(report.tags, { plan: 'pro', region: 'eu' })
  t.strictSame(report.fingerprint, ['a', 'b'])
  t.equal(report.thrown, thrown)
  t.notMatch(Object.keys(report), ['thrown'])
  for (const name of ['severity', 'problem', 'request', 'phase']) t.notOk(name in report, name)
})

t.test(
  'a problem brings its details, its severity and its level; what says nothing of it does not',
  async (t) => {
    const report = thrownReport(new problems.Disk({ detail: 'on /var' }), {
      mechanism: 'process',
      handled: false,
    })
    t.match(report, { severity: 'critical', level: 'fatal', handled: false, mechanism: 'process' })
    t.match(report.problem, {
      type: 'about:blank',
      title: 'The disk is full',
      status: 503,
      detail: 'on /var',
      instance: `urn:uuid:${report.id}`,
    })
    const urgent = Object.assign(new problems.Disk(), { severity: 'urgent' })
    t.equal(thrownReport(urgent, byHand).severity, 'critical', 'a severity that is none is its definition’s')
    const lowered = Object.assign(new problems.Disk(), { severity: 'low' })
    t.equal(thrownReport(lowered, byHand).severity, 'low')
    const mild = thrownReport(new problems.OutOfStock(), { ...byHand, level: 'warning' })
    t.match(mild, {
      severity: 'low',
      level: 'warning',
      problem: { runbook: 'https://runbooks.example/stock' },
    })
    const remote = thrownReport(new ProblemError({ status: 404, origin: 'remote' }), byHand)
    t.equal(remote.level, 'error')
    t.notOk('severity' in remote || 'problem' in remote)

    t.notOk(isReportable(new problems.OutOfStock()))
    const others = [
      new problems.Disk(),
      new ProblemError({ status: 404, origin: 'remote' }),
      new Error('x'),
      'text',
    ]
    for (const thrown of others) t.ok(isReportable(thrown))
  },
)

t.test('whatever is thrown and said makes a report without secrets', async (t) => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const trap = new Proxy(new Error('x'), {
    get() {
      throw new Error('no')
    },
  })
  const disguised = Object.assign(new Error('x'), { [Symbol.for('@faultline/problem-definition')]: trap })
  const hostile = Object.defineProperty({}, 'tags', { enumerable: true, get: () => trap.message })
  for (const thrown of [
    undefined,
    null,
    0,
    'text',
    Symbol('s'),
    () => 1,
    proxy,
    trap,
    disguised,
    Object.create(null),
  ]) {
    const context = { ...byHand, context: hostile, fingerprint: trap as never }
    const report = thrownReport(thrown, context)
    t.ok(JSON.stringify(report) && report.exceptions[0]?.type)
    t.ok(isReportable(thrown))
  }
  const meta = { token: 'hunter2', config: { internal: 'hunter2' }, nickname: 'hunter2' }
  const secret = Object.assign(new Error('password=hunter2'), meta)
  const said = {
    extra: { big: 'password=hunter2 '.repeat(1e6) },
    tags: { token: 'hunter2', nickname: 'hunter2' },
  }
  const redact = { keys: ['nickname'], paths: ['exceptions.*.meta.config.internal'] }
  const written = JSON.stringify(thrownReport(secret, { ...byHand, context: said, redact }))
  t.notMatch(written, /hunter2/)
  t.ok(written.length < 2 ** 18)
})

t.test('one error has one id, from the guard to the error handler', async (t) => {
  const reports: { id: string; severity?: string; mechanism: string }[] = []
  const reporter: Reporter = {
    report: (report) => reports.push(report),
    flush: async () => true,
    close: async () => true,
  }
  const handler = createErrorHandler({ reporter, logger: false })
  const thrown = new Error('broken')
  const { id } = thrownReport(thrown, byHand)
  rememberEventId(thrown, id)
  t.equal(thrownReport(thrown, byHand).id, id)
  const handled = handler.handle(thrown, { method: 'GET' })
  t.match(handled, { id, problem: { instance: `urn:uuid:${id}` } })
  await new Promise(setImmediate)
  t.match(reports, [{ id, severity: 'high', mechanism: 'http' }])
  t.not(handler.handle(new Error('broken'), { method: 'GET' }).id, id)
  t.equal(knownEventId(handler.handle(new Error('x'), { method: 'GET' })), undefined)
})

t.test(
  'an object that is thrown again is another event: in another context, or a minute later',
  async (t) => {
    const constant = new Error('timed out')
    const request = { tags: {} }
    runWithContext(request, () => rememberEventId(constant, 'first', 0))
    t.equal(
      runWithContext(request, () => knownEventId(constant, 60_000)),
      'first',
    )
    t.equal(knownEventId(constant, 60_000), 'first', 'a hook of the process has no context')
    t.equal(
      runWithContext({}, () => knownEventId(constant, 60_000)),
      undefined,
    )
    t.equal(knownEventId(constant, 60_001), undefined)
    rememberEventId(constant, 'second', 60_001)
    t.equal(knownEventId(constant, 60_002), 'second')
    rememberEventId('text', 'third')
    t.equal(knownEventId('text'), undefined)
    t.equal(knownEventId(undefined), undefined)
    t.equal(
      runWithContext({}, () => knownEventId(constant, 60_002)),
      'second',
      'reported before its request was known',
    )
  },
)
