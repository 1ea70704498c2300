import { serializeError } from '@faultline/core'
import pino from 'pino'
import t from 'tap'
import { JsonBudget } from '../src/thrown/json-budget.js'
import { plainJson } from '../src/thrown/plain-json.js'
import { Thrown } from '../src/thrown/thrown.js'

const plain = (value: unknown, bytes = 10_000) => plainJson(value, new JsonBudget(bytes))
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

t.test('what JSON cannot say is replaced or left out', async (t) => {
  const circle: Record<string, unknown> = { a: 1 }
  circle.self = circle
  t.same(plain(circle), { a: 1, self: '[Circular]' })
  t.same(plain({ big: 10n, date: new Date(0), bad: new Date(Number.NaN), nan: Number.NaN }), {
    big: '10',
    date: '1970-01-01T00:00:00.000Z',
    bad: null,
    nan: null,
  })
  t.equal(
    plain(Object.assign(new Date(0), { toISOString: () => ({}), getTime: () => 1 })),
    '1970-01-01T00:00:00.000Z',
  )
  t.same(plain({ map: new Map([['k', 1]]), set: new Set([1, 2]), bytes: new Uint8Array(3) }), {
    map: { k: 1 },
    set: [1, 2],
    bytes: '[3 bytes]',
  })
  t.same(plain({ f: () => 1, s: Symbol('s'), u: undefined, keep: 1 }), { keep: 1 })
  t.same(plain([undefined, () => 1]), [null, null])
  const getter = {
    get broken() {
      throw new Error('no')
    },
    toJSON: undefined,
    fine: 2,
  }
  t.same(plain(getter), { fine: 2 })
  t.equal(
    plain({
      toJSON() {
        throw new Error('no')
      },
    }),
    undefined,
  )
  t.same(plain({ toJSON: () => ({ said: 1 }) }), { said: 1 })
})

t.test('names that pollute are left out', async (t) => {
  const evil = JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"prototype":2,"ok":3}')
  t.strictSame(plain(evil), { ok: 3 })
  t.equal(({} as Record<string, unknown>).polluted, undefined)
})

t.test('a copy stays within its bytes, whatever the text is made of', async (t) => {
  for (const text of ['x', '"', '\u0000', 'é', '€', '\ud800', '😀', '\n']) {
    const copy = plain({ a: text.repeat(100_000), b: [text.repeat(50_000)] }, 5000)
    t.ok(bytesOf(copy) <= 5100, `${JSON.stringify(text)}: ${bytesOf(copy)} bytes`)
    t.match((copy as { a: string }).a, /…$/)
  }
  t.ok(
    bytesOf(
      plain(
        Array.from({ length: 100_000 }, (_, i) => ({ i })),
        5000,
      ),
    ) <= 6000,
  )
  let deep: unknown = 1
  for (let i = 0; i < 50_000; i++) deep = [deep]
  t.ok(bytesOf(plain(deep)) < 100)
})

t.test('everything that is written is paid for: dates, names, and what stands for nothing', async (t) => {
  const circle: unknown[] = []
  circle.push(...Array.from({ length: 1000 }, () => circle))
  const leaves = {
    date: new Date(0),
    null: null,
    object: {},
    list: [],
    bytes: new Uint8Array(3),
    nothing: undefined,
  }
  for (const [what, leaf] of [
    ...Object.entries(leaves),
    ['a function', () => 1],
    ['a circle', circle],
  ] as const) {
    const rows = Array.from({ length: 60 }, () => Array.from({ length: 1000 }, () => leaf))
    t.ok(bytesOf(plain({ rows }, 5000)) <= 5100, what)
    t.ok(bytesOf(plain(new Map(rows.flat().map((value, i) => [`n${i}`, value])), 5000)) <= 5100, what)
  }
  t.ok(bytesOf(plain({ ['n'.repeat(10_000)]: 1 })) < 300)
})

t.test('a property is read once, and nothing that cannot be read throws', async (t) => {
  let reads = 0
  const thrown = new Thrown({
    get status() {
      reads++
      return 404
    },
  })
  t.equal(thrown.read('status'), 404)
  t.equal(thrown.read('status'), 404)
  t.equal(reads, 1)
  for (const value of hostileValues()) {
    const hostile = new Thrown(value)
    for (const key of ['name', 'message', 'stack', 'cause', 'toJSON', Symbol.iterator]) hostile.read(key)
    hostile.prototype()
    hostile.hasOwn('x')
    t.type(hostile.typeName(), 'string')
    t.type(serializeError(value).message, 'string')
  }
})

t.test('anything that is no error is named', async (t) => {
  const named = (value: unknown) => serializeError(value).message
  t.equal(named(undefined), 'No error but undefined was thrown')
  t.equal(named(null), 'No error but null was thrown')
  t.equal(named(''), 'No error but the string "" was thrown')
  t.equal(named(404), 'No error but the number 404 was thrown')
  t.equal(named(10n), 'No error but the bigint 10n was thrown')
  t.equal(named(Symbol('x')), 'No error but the symbol Symbol(x) was thrown')
  t.equal(named(Promise.resolve()), 'No error but an object of class Promise was thrown')
  t.equal(named({ status: 404 }), 'No error but the object {"status":404} was thrown')
  t.equal(named(Object.create(null)), 'No error but the object {} was thrown')
})

t.test(
  'an error is copied with class, code, properties, causes and members; secrets are filtered',
  async (t) => {
    class DatabaseError extends Error {
      code = '23505'
      config = { headers: { Authorization: 'Bearer abc.def' }, password: 'hunter2' }
    }
    const copy = serializeError(new DatabaseError('password=hunter2', { cause: new TypeError('below') }))
    t.match(copy, {
      type: 'DatabaseError',
      message: 'password=[Filtered]',
      code: '23505',
      config: { headers: { Authorization: '[Filtered]' }, password: '[Filtered]' },
      cause: { type: 'TypeError', message: 'below' },
    })
    t.notMatch(JSON.stringify(copy), /hunter2|abc\.def/)
    t.ok(copy instanceof Error, 'serialisers that look for an Error find one')
    const many = serializeError(
      new AggregateError(
        Array.from({ length: 1000 }, (_, i) => new Error(`e${i}`)),
        'all',
      ),
    )
    t.equal(many.aggregateErrors?.length, 11)
    t.match(many.aggregateErrors?.[10], { message: '990 more errors were cut off' })
  },
)

t.test('causes end after ten, and at a circle', async (t) => {
  let error = new Error('0')
  for (let i = 1; i < 20_000; i++) error = new Error(String(i), { cause: error })
  const chain: string[] = []
  for (let at: ReturnType<typeof serializeError> | undefined = serializeError(error); at; at = at.cause)
    chain.push(at.message)
  t.equal(chain.length, 12)
  t.equal(chain.at(-1), 'more causes were cut off')
  const circular = new Error('a')
  circular.cause = new Error('b', { cause: circular })
  t.match(serializeError(circular), { cause: { message: 'b', cause: { message: 'the cause is circular' } } })
})

t.test('ten causes are shown, whatever properties they have', async (t) => {
  let error: Error | undefined
  for (let i = 0; i < 11; i++) error = Object.assign(new Error(`e${i}`, { cause: error }), { code: `E${i}` })
  let last = serializeError(error)
  while (last.cause) last = last.cause
  t.equal(last.message, 'e0')
})

t.test('a code is shown where it is inherited too, but for the number of a DOMException', async (t) => {
  class Declined extends Error {
    get code() {
      return 'DECLINED'
    }
  }
  t.equal(serializeError(new Declined('x')).code, 'DECLINED')
  t.notOk('code' in serializeError(new DOMException('x', 'AbortError')))
})

t.test('the names of properties are bounded too', async (t) => {
  const error = new Error('x')
  for (let i = 0; i < 300; i++) Object.assign(error, { [`${i}${'n'.repeat(10_000)}`]: i })
  t.ok(bytesOf(serializeError(error)) < 16_384)
})

t.test('more is hidden by the options: keys, and paths that begin at err as in a log record', async (t) => {
  const error = Object.assign(new Error('tax_number=7'), {
    config: { internal: 'x', url: '/' },
    taxNumber: 7,
  })
  const copy = serializeError(error, {
    redact: { keys: ['taxNumber'], paths: ['err.Config.internal', 'err.*.url'] },
  })
  t.match(copy, {
    message: 'tax_number=[Filtered]',
    config: { internal: '[Filtered]', url: '[Filtered]' },
    taxNumber: '[Filtered]',
  })
  t.ok(copy instanceof Error)
  t.equal(serializeError(error, { redact: { off: 'a test' } }).message, 'tax_number=7')
})

t.test('an error among the properties is shown without secrets, to a log only', async (t) => {
  const original = Object.assign(new TypeError('token=abc'), { code: 'E1' })
  t.match(serializeError(Object.assign(new Error('x'), { original })).original, {
    name: 'TypeError',
    message: 'token=[Filtered]',
    stack: /TypeError/,
    code: 'E1',
  })
  t.strictSame(plain({ original }), { original: { code: 'E1' } })
})

t.test('the copy is bounded, and pino writes it as it writes an error', async (t) => {
  const huge = Object.assign(new Error('m'.repeat(1e7)), {
    data: 'd'.repeat(1e7),
    cause: new Error('c'.repeat(1e7)),
  })
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  logger.error({ err: serializeError(huge) })
  logger.error({ err: serializeError(Object.freeze(new RangeError('frozen'))) })
  t.ok(Buffer.byteLength(lines[0] as string) <= 65_536)
  t.match(JSON.parse(lines[1] as string), {
    err: { type: 'RangeError', message: 'frozen', stack: /thrown\.test/ },
  })
})

function hostileValues(): unknown[] {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const trap = () => {
    throw new Error('trap')
  }
  const throwing = new Proxy(new Error('x'), { get: trap, getPrototypeOf: trap, ownKeys: trap, has: trap })
  const getters = new Error('x')
  // the stack first: Node 20 formats it when it is replaced, and asks the others
  for (const key of ['stack', 'name', 'message', 'cause', 'code', 'constructor'])
    Object.defineProperty(getters, key, { get: trap })
  const odd = Object.assign(new Error('x'), { name: Symbol('n'), code: {}, message: { toString: trap } })
  const method = {
    toString: trap,
    [Symbol.toPrimitive]: trap,
    constructor: {
      get name() {
        return trap()
      },
    },
  }
  return [proxy, throwing, getters, odd, method, Object.create(null), Object.freeze(new Error('frozen'))]
}
