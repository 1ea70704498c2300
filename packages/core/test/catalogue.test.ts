import { createErrorHandler, defineProblems, ProblemError, standardProblems } from '@faultline/core'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { kebabCase } from '../src/catalogue/type-uri.js'

const problems = defineProblems(
  { base: 'https://errors.shop.example/', include: standardProblems },
  {
    OutOfCredit: {
      status: 403,
      title: 'You do not have enough credit.',
      detail: (p) => `Your balance is ${p.balance}, but that costs ${p.cost}.`,
      extensions: Type.Object({ balance: Type.Number(), cost: Type.Number() }),
    },
    Busy: { status: 503, title: 'Try again soon.', retryAfterSeconds: 30 },
    Gone: { status: 410, title: 'That shop has closed.' },
  },
)

t.test('a class of the catalogue makes an error that says what its definition says', async (t) => {
  const cause = new Error('below')
  const error = new problems.OutOfCredit({ balance: 30, cost: 50 }, { cause })
  t.ok(error instanceof Error && error instanceof ProblemError && error instanceof problems.OutOfCredit)
  t.match(error, {
    name: 'OutOfCredit',
    type: 'https://errors.shop.example/out-of-credit',
    title: 'You do not have enough credit.',
    status: 403,
    statusCode: 403,
    expose: true,
    severity: 'low',
    origin: 'local',
    detail: 'Your balance is 30, but that costs 50.',
    message: 'Your balance is 30, but that costs 50.',
    extensions: { balance: 30, cost: 50 },
  })
  t.equal(error.cause, cause)
})

t.test('what is said at the throw wins over the definition', async (t) => {
  const retryAt = new Date(Date.UTC(2030, 0, 2, 3, 4, 5))
  t.equal(new problems.NotFound({ detail: 'No order 7.' }).detail, 'No order 7.')
  t.same(new problems.Busy().headers, { 'retry-after': '30' })
  t.same(new problems.Busy({ retryAfterSeconds: 5 }).headers, { 'retry-after': '5' })
  t.same(new problems.Busy({ retryAt }).headers, { 'retry-after': 'Wed, 02 Jan 2030 03:04:05 GMT' })
  t.same(new problems.Busy({ headers: new Map([['X-Shop', '1']]) as never }).headers, {
    'retry-after': '30',
    'x-shop': '1',
  })
  t.same(new problems.Unauthorized({ challenge: ['Bearer', 'Basic'] }).headers, {
    'www-authenticate': ['Bearer', 'Basic'],
  })
  t.same(new problems.MethodNotAllowed({ allow: ['GET', 'PUT'] }).headers, { allow: 'GET, PUT' })
})

t.test(
  'only unexpected problems capture a stack, unless the catalogue or the definition says otherwise',
  async (t) => {
    const limit = Error.stackTraceLimit
    t.notMatch(new problems.NotFound().stack, /catalogue\.test/)
    t.match(new problems.Busy().stack, /catalogue\.test/)
    const all = defineProblems({ captureStack: true }, { A: { status: 404, title: 'a' } })
    t.match(new all.A().stack, /catalogue\.test/)
    const one = defineProblems({}, { A: { status: 404, title: 'a', captureStack: true } })
    t.match(new one.A().stack, /catalogue\.test/)
    t.equal(Error.stackTraceLimit, limit, 'the limit of the process is as it was')
  },
)

t.test('a standard name replaces the standard problem and keeps the others', async (t) => {
  t.equal(new problems.Gone().type, 'https://errors.shop.example/gone')
  t.equal(new problems.Conflict().type, 'about:blank')
  t.equal(problems.Conflict, standardProblems.Conflict)
})

t.test('a detail template that throws or gives no text leaves the title as message', async (t) => {
  const { A, B } = defineProblems(
    {},
    {
      A: { status: 400, title: 'a', detail: () => assertNever() },
      B: { status: 400, title: 'b', detail: (() => 7) as never },
    },
  )
  t.match(new A(), { message: 'a', detail: undefined })
  t.match(new B(), { message: 'b', detail: undefined })
})

t.test('ProblemError.is knows problems of any class; the is of a class knows its own', async (t) => {
  const error = new problems.Busy()
  t.ok(ProblemError.is(error))
  t.ok(problems.Busy.is(error))
  t.notOk(problems.OutOfCredit.is(error))
  t.ok([error].every(ProblemError.is), 'it can be passed on as it is')
  for (const other of [undefined, null, 0, 'x', {}, new Error('x'), revoked()])
    t.notOk(ProblemError.is(other))
})

t.test('a catalogue with mistakes is refused at once, with every mistake named', async (t) => {
  const define = () =>
    defineProblems(
      { base: 'not a uri' },
      {
        A: { status: 200, title: 'a' },
        B: { status: 404, title: '' },
        C: { status: 404, title: 'c', severity: 'terrible' as never },
        E: { status: 404, title: 'e', type: 'https://x.example/same' },
        F: { status: 404, title: 'f', type: 'https://x.example/same' },
      },
    )
  const error = t.throws(define) as unknown as ProblemError
  t.equal(error.name, 'InvalidCatalogue')
  const { mistakes } = error.extensions as { mistakes: string[] }
  t.match(mistakes, [
    /base: 'not a uri'/,
    /A: status must be a whole number from 400 to 599, not 200/,
    /B: title/,
    /C: severity must be one of critical, high, medium, low/,
    /E and F have the same type/,
  ])
  for (const mistake of mistakes) t.ok(error.message.includes(mistake))
})

t.test('arguments that are no catalogue are named, not stumbled over', async (t) => {
  const define = defineProblems as unknown as (...args: unknown[]) => unknown
  for (const args of [
    [],
    [{ A: { status: 404, title: 'a' } }],
    [{ include: 'x' }, {}],
    [{ include: { a: 1 } }, {}],
  ]) {
    t.throws(() => define(...args), { name: 'InvalidCatalogue', message: /two objects|include must be/ })
  }
})

t.test('a name or a type that an included catalogue has already is refused, naming both', async (t) => {
  const company = defineProblems({ base: 'https://e.example/' }, { OutOfCredit: { status: 403, title: 'x' } })
  const include = company
  t.throws(
    () => defineProblems({ include }, { OutOfCredit: { status: 402, title: 'y' } }),
    /OutOfCredit is already in/,
  )
  t.throws(
    () =>
      defineProblems(
        { include },
        { Poor: { status: 402, title: 'y', type: 'https://e.example/out-of-credit' } },
      ),
    /Poor and the included OutOfCredit have the same type/,
  )
  const both = defineProblems({ include: [company, standardProblems] }, { A: { status: 400, title: 'a' } })
  t.equal(both.OutOfCredit, company.OutOfCredit)
  t.equal(both.NotFound, standardProblems.NotFound)
})

t.test('types: relative to the base, absolute as given, about:blank without a base', async (t) => {
  const { A, B, C } = defineProblems(
    { base: 'https://e.example/errors' },
    {
      A: { status: 400, title: 'a' },
      B: { status: 400, title: 'b', type: 'sub/b' },
      C: { status: 400, title: 'c', type: 'tag:x.example,2026:c' },
    },
  )
  t.equal(new A().type, 'https://e.example/errors/a')
  t.equal(new B().type, 'https://e.example/errors/sub/b')
  t.equal(new C().type, 'tag:x.example,2026:c')
  const urn = defineProblems({ base: 'urn:shop:' }, { OutOfCredit: { status: 400, title: 'a' } })
  t.equal(new urn.OutOfCredit().type, 'urn:shop:out-of-credit')
  t.equal(kebabCase('HTTPVersionNotSupported'), 'http-version-not-supported')
})

t.test('an extension name that some clients cannot read is warned of, and served', async (t) => {
  const warnings = t.capture(process, 'emitWarning')
  defineProblems(
    {},
    { A: { status: 400, title: 'a', extensions: Type.Object({ 'x-y': Type.String(), abc: Type.String() }) } },
  )
  t.match(warnings(), [{ args: [/A: .*'x-y'.*RFC 9457 §3\.2/] }])
})

t.test('a reserved extension that the compiler was talked out of is warned of, and dropped', async (t) => {
  const warnings = t.capture(process, 'emitWarning')
  const extensions = { properties: { instance: {}, balance: {} } } as never
  const { A } = defineProblems({}, { A: { status: 400, title: 'a', extensions } })
  t.match(warnings(), [{ args: [/A: the extension 'instance' .* will be dropped/] }])
  const { body } = createErrorHandler({ logger: false }).handle(
    new A({ instance: 'x', balance: 7 } as never),
    {
      method: 'GET',
    },
  )
  t.match(JSON.parse(body), { instance: /^urn:uuid:/, balance: 7 })
})

function assertNever(): never {
  throw new Error('never')
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
