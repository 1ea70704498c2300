import t from 'tap'
import { type RequestContext, runWithContext } from '../src/context/request-context.js'
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
