import {
  addBreadcrumb,
  createErrorHandler,
  currentContext,
  type ErrorReport,
  runWithContext,
  standardProblems,
} from '@faultline/core'
import { recordingReporter } from '@faultline/core/testing'
import { transform } from 'esbuild'
import t, { type Test } from 'tap'
import { captureError } from '../src/guard/capture-error.js'
import { circuitBreaker } from '../src/guard/circuit-breaker.js'
import { guard } from '../src/guard/guard.js'
import { guarded } from '../src/guard/guarded.js'
import { type Attempt, retry } from '../src/guard/retry.js'
import { createReporter } from '../src/reporter/create-reporter.js'
import { currentReporter, setCurrentReporter } from '../src/reporter/current-reporter.js'

const fast = { attempts: 3, delayMs: 0 }

/** A reporter that is the process's while a test runs, and what it was given. */
function reporterOf(t: Test): ErrorReport[] {
  const reporter = recordingReporter()
  setCurrentReporter(reporter)
  t.teardown(() => setCurrentReporter(undefined))
  return reporter.reports
}

/** The warnings of the process while it runs, in order. */
async function warningsDuring(run: () => unknown): Promise<string[]> {
  const warnings: string[] = []
  const listen = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`)
  process.on('warning', listen)
  run()
  await new Promise(setImmediate)
  process.off('warning', listen)
  return warnings
}

/** What a promise rejects with. */
async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => t.fail('it was to reject'),
    (error: unknown) => error,
  )
}

type Settle = (value: unknown) => void

/** What query builders are: it runs when it is awaited. */
function thenable(run: (resolve: Settle, reject: Settle) => void): PromiseLike<unknown> {
  return Object.defineProperty({}, 'then', { value: run }) as PromiseLike<unknown>
}

const hostile = Object.defineProperty({}, 'tags', {
  get() {
    throw new Error('no')
  },
})

t.test('without a reporter nothing is reported, and the process is warned once', async (t) => {
  t.equal(currentReporter(), undefined)
  const warnings = await warningsDuring(() => {
    t.equal(captureError(new Error('x')), undefined)
    t.equal(captureError(new Error('x')), undefined)
    t.equal(guard(() => JSON.parse('{'), { fallback: 'none' })(), 'none')
  })
  t.strictSame(warnings, [
    'FaultlineWarning: Nothing reports errors: no reporter was given, and there is none that createReporter made and nobody has closed.',
  ])
})

t.test('captureError reports by hand, with what is said before what is known', async (t) => {
  const reports = reporterOf(t)
  const current = { user: { id: '7' }, tenant: 'acme', tags: { plan: 'free', region: 'eu' } }
  const id = runWithContext(current, () => {
    addBreadcrumb({ category: 'job', message: 'began' })
    const context = {
      level: 'warning',
      tags: { plan: 'pro' },
      extra: { cart: 1 },
      user: { id: '8' },
    } as const
    return captureError(new Error('broken'), { ...context, fingerprint: ['cart', '{{ default }}'] })
  })
  t.match(reports, [
    {
      id,
      level: 'warning',
      mechanism: 'manual',
      handled: true,
      message: 'broken',
      tenant: 'acme',
      user: { id: '8' },
      tags: { plan: 'pro', region: 'eu' },
      extra: { cart: 1 },
      breadcrumbs: [{ message: 'began' }],
      fingerprint: ['cart', '{{ default }}'],
    },
  ])
  const own = recordingReporter()
  captureError('text', { reporter: own })
  t.equal(own.reports[0]?.exceptions[0]?.type, 'NonError')
  for (const context of [null, hostile] as never[]) t.type(captureError(new Error('x'), context), 'string')
  t.equal(reports.length, 3, 'a context that cannot be read costs itself only')
})

t.test('a reporter that throws keeps nobody from going on', async (t) => {
  const reporter = { ...recordingReporter(), report: () => JSON.parse('{') }
  const thrown = new Error('x')
  const warnings = await warningsDuring(() => {
    t.equal(captureError(thrown, { reporter }), undefined)
    t.equal(caughtFrom(guard(() => fail(thrown), { reporter })), thrown)
  })
  t.match(warnings, [/The reporter throws/])
  const reports = reporterOf(t)
  captureError(thrown)
  t.equal(reports.length, 1, 'it does not count as reported')
})

t.test('one error is one event, through guards, by hand and in the error handler', async (t) => {
  const reports = reporterOf(t)
  const inner = guard(fail)
  const outer = guard(() => inner(new Error('broken')))
  const caught = caughtFrom(outer)
  t.equal(captureError(caught), reports[0]?.id)
  t.equal(reports.length, 1)
  const handled = createErrorHandler({ logger: false }).handle(caught, { method: 'GET' })
  t.equal(handled.id, reports[0]?.id)

  const constant = new Error('the cached rejection')
  const request = guard(() => fail(constant))
  for (const context of [{}, {}, {}]) runWithContext(context, () => caughtFrom(request))
  t.equal(new Set(reports.map(({ id }) => id)).size, 4, 'each request has an event of its own')
})

t.test('each reporter hears of an error once, under one id', async (t) => {
  const [inner, outer] = [recordingReporter(), recordingReporter()]
  const thrown = new Error('broken')
  const guards = guard(guard(guard(fail, { reporter: inner }), { reporter: outer }), { reporter: inner })
  t.equal(
    caughtFrom(() => guards(thrown)),
    thrown,
  )
  t.equal(captureError(thrown, { reporter: outer }), inner.reports[0]?.id)
  t.equal(captureError(thrown, { reporter: inner }), inner.reports[0]?.id)
  t.match([inner.reports, outer.reports], [[{ message: 'broken' }], [{ id: inner.reports[0]?.id }]])
  t.strictSame([inner.reports.length, outer.reports.length], [1, 1])

  const deaf = { ...recordingReporter(), report: () => JSON.parse('{') }
  t.equal(captureError(thrown, { reporter: deaf }), inner.reports[0]?.id, 'another one has it under that id')
})

t.test('a level in other words is understood, and one that is none is not said', async (t) => {
  const reports = reporterOf(t)
  for (const level of ['warn', 'trace', 'Fatal', 'urgent', 30, null])
    captureError('x', { level: level as never })
  captureError(new standardProblems.NotFound(), { level: 'urgent' as never })
  t.strictSame(
    reports.map(({ level }) => level),
    ['warning', 'debug', 'fatal', 'error', 'error', 'error', 'info'],
  )
})

t.test('a reporter that is switched off costs no report, and the error has an id all the same', async (t) => {
  const reporter = createReporter({ enabled: false })
  t.teardown(() => reporter.close())
  let reads = 0
  const thrown = Object.defineProperty(new Error('x'), 'shelf', { enumerable: true, get: () => reads++ })
  const id = captureError(thrown)
  t.match(id, /^[\da-f]{8}-[\da-f]{4}-7/)
  t.equal(captureError(thrown, { reporter }), id)
  t.not(captureError('text'), captureError('text'))
  t.equal(reads, 0, 'nobody has looked at it')
  t.equal(createErrorHandler({ logger: false }).handle(thrown, { method: 'GET' }).id, id)

  const other = recordingReporter()
  t.equal(captureError(thrown, { reporter: other }), id)
  t.equal(other.reports.length, 1)
})

function fail(thrown: unknown): never {
  throw thrown
}

function caughtFrom(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return t.fail('it was to throw')
}

t.test('a guard reports and rethrows the very same value, sync and async', async (t) => {
  const reports = reporterOf(t)
  const options = { level: 'fatal', tags: { part: 'cart' }, extra: { n: 1 }, fingerprint: ['f'] } as const
  const pairs = [
    [new Error('broken'), new Error('later')],
    ['text', 'more'],
    [undefined, null],
  ]
  for (const [thrown, rejected] of pairs) {
    t.equal(caughtFrom(guard(() => fail(thrown), options)), thrown)
    t.equal(await rejection(guard(async () => fail(rejected), options)()), rejected)
    t.equal(await rejection(guard(() => thenable((_, reject) => reject(rejected)))()), rejected)
  }
  t.equal(reports.length, 8, 'the first thenable rejected with an error that was reported already')
  t.match(reports[0], { mechanism: 'guard', handled: true, ...options, message: 'broken' })
})

t.test('what goes well is left alone, and the function is the same to everybody', async (t) => {
  const reports = reporterOf(t)
  const basket = {
    price: 3,
    total: guard(function total(this: { price: number }, count: number, _rest?: string) {
      return this.price * count
    }),
  }
  t.equal(basket.total(2), 6)
  t.equal(basket.total.name, 'total')
  t.equal(basket.total.length, 2)
  const odd = new Proxy({}, { get: () => fail(new Error('no')) })
  t.equal(guard(() => odd)(), odd)
  let runs = 0
  t.equal(await guard(() => thenable((resolve) => resolve(++runs)))(), 1)
  t.equal(runs, 1, 'a query that runs when it is awaited runs once')
  const generate = guard(function* () {
    yield 1
    fail(new Error('later'))
  })
  t.throws(() => [...generate()], /later/)
  t.equal(reports.length, 0)
})

t.test('a fallback is a value, or made of the error', async (t) => {
  const reports = reporterOf(t)
  const parse = (text: string): { n: number } => JSON.parse(text)
  t.equal(guard(parse, { fallback: null })('{'), null)
  t.equal(guard(parse, { fallback: (error) => (error as Error).name })('{'), 'SyntaxError')
  t.equal(await guard(async (text: string) => parse(text), { fallback: async () => 7 })('{'), 7)
  t.equal(guard(parse, { fallback: () => undefined })('{'), undefined)
  t.throws(
    () => guard(parse, { fallback: undefined, level: undefined })('{'),
    SyntaxError,
    'undefined is no fallback',
  )
  t.throws(() => guard(parse, { fallback: () => fail(new Error('other')) })('{'), /other/)
  t.equal(reports.length, 6)
})

t.test('what a catalogue does not report, a guard reports only when it is asked to', async (t) => {
  const reports = reporterOf(t)
  const missing = () => fail(new standardProblems.NotFound())
  t.match(caughtFrom(guard(missing)), { status: 404 })
  t.equal(reports.length, 0)
  t.throws(guard(missing, { shouldReport: () => true }))
  t.throws(
    guard(() => fail(new Error('x')), { shouldReport: () => false }),
    /x/,
  )
  t.throws(
    guard(() => fail(new Error('y')), { shouldReport: () => fail(new Error('no')) }),
    /y/,
  )
  t.match(reports, [{ severity: 'low', level: 'info', problem: { status: 404 } }, { message: 'y' }])
})

t.test('with retry only the last error is reported, with the number of attempts', async (t) => {
  const reports = reporterOf(t)
  let calls = 0
  const service = {
    name: 'orders',
    load: guard(
      function (this: { name: string }, needed: number): number {
        if (++calls < needed) throw new Error(`${this.name} ${calls}`)
        return calls
      },
      { retry: fast, extra: { part: 'load' } },
    ),
  }
  t.equal(await service.load(3), 3)
  t.equal(reports.length, 0)
  calls = 0
  t.match(await rejection(service.load(9)), /orders 3/)
  t.match(reports, [{ message: 'orders 3', extra: { part: 'load', attempts: 3 } }])
  t.equal(await guard(() => fail(new Error('x')), { retry: fast, fallback: 'none' })(), 'none')
})

t.test('a mistake in the options is refused at once, all of them in one error', async (t) => {
  const mistakes = [
    'guard: level must be one of fatal, error, warning, info, debug',
    /^guard: retires is no option; the options are fallback, retry, /,
    'guard.retry: attempts must be a whole number from 1',
    'guard.retry: signal must be an AbortSignal',
  ]
  const options = { level: 'warn', retry: { attempts: 0, signal: 1 }, retires: 3 } as never
  t.throws(() => guard(fail, options), { name: 'InvalidConfiguration', extensions: { mistakes } })
  const wrong: [string, () => unknown][] = [
    ['guard: takes a function', () => guard(7 as never)],
    ['guard: the options must be an object', () => guard(fail, null as never)],
    ['guard: tags must be an object', () => guard(fail, { tags: [] } as never)],
    ['guard: fingerprint must be a list of texts', () => guard(fail, { fingerprint: [1] } as never)],
    ['guard: shouldReport must be a function', () => guard(fail, { shouldReport: true } as never)],
    [
      'guard: reporter must have the methods report, flush and close',
      () => guard(fail, { reporter: { report: () => undefined } } as never),
    ],
    ['guard.retry: timeoutMs must be milliseconds, from 1', () => guard(fail, { retry: { timeoutMs: 0 } })],
    ['circuitBreaker: name must be a text', () => circuitBreaker({} as never)],
    ['circuitBreaker: name must be a text', () => circuitBreaker(undefined as never)],
    [
      'circuitBreaker: halfOpenAfterMs must be milliseconds',
      () => circuitBreaker({ name: 'x', halfOpenAfterMs: -1 }),
    ],
    ['guarded: write it with parentheses: @guarded()', () => guarded(fail as never)],
    ['guarded: level must be one of', () => guarded({ level: 'warn' as never })],
  ]
  for (const [text, run] of wrong)
    t.match(caughtFrom(run), { message: text, name: 'InvalidConfiguration' }, text)
  const retried = await rejection(retry(fail, { attempts: 1.5 }))
  t.match(retried, { message: 'retry: attempts must be a whole number from 1' })
})

t.test('a method is guarded by either kind of decorator', async (t) => {
  const reports = reporterOf(t)
  class Legacy {
    kept = 'this'

    @guarded({ fallback: 'none' })
    say(text: string) {
      return text === '' ? fail(new Error('legacy')) : `${this.kept} ${text}`
    }

    @guarded({ retry: fast })
    static async count(calls: number[]) {
      return calls.push(0) < 2 ? fail(new Error('again')) : calls.length
    }
  }
  const source = `export default (guarded, fail) => class {
    #kept = 'this'
    @guarded({ fallback: 'none' }) say(text) { return text === '' ? fail(new Error('standard')) : this.#kept + ' ' + text }
    @guarded({ retry: { attempts: 3, delayMs: 0 } }) static async count(calls) {
      return calls.push(0) < 2 ? fail(new Error('again')) : calls.length
    }
  }`
  const { code } = await transform(source, { target: 'es2022', loader: 'ts' })
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  const Standard: typeof Legacy = module.default(guarded, fail)
  for (const Kind of [Legacy, Standard]) {
    t.equal(new Kind().say('that'), 'this that')
    t.equal(new Kind().say(''), 'none')
    t.equal(await Kind.count([]), 2)
  }
  t.strictSame(
    reports.map(({ message }) => message),
    ['legacy', 'standard'],
  )
  const decorate = guarded() as (...args: unknown[]) => unknown
  t.throws(() => decorate(undefined, { kind: 'field' }), /stands on a field, and is for methods/)
  t.throws(() => decorate({}, 'x', { get: fail }), /something else than a method/)
  t.throws(() => decorate({}, 'x', undefined), /something else than a method/)
  t.match(decorate({}, 'x', { value: fail, writable: false }), { value: Function, writable: false })
  const bare = guarded as unknown as (...args: unknown[]) => unknown
  t.throws(() => bare({}, 'say', {}), /with parentheses/)
})

t.test('retry tries again and leaves a breadcrumb for each failure', async (t) => {
  const seen: number[] = []
  const crumbs = await runWithContext({}, async () => {
    const run = ({ attempt }: Attempt) =>
      seen.push(attempt) < 3 ? fail(new TypeError(`no ${attempt}`)) : 'done'
    t.equal(await retry(run, fast), 'done')
    return currentContext()?.breadcrumbs
  })
  t.strictSame(seen, [1, 2, 3])
  t.match(crumbs, [
    { category: 'retry', level: 'warning', message: 'Attempt 1 of 3 failed: TypeError: no 1' },
    { message: 'Attempt 2 of 3 failed: TypeError: no 2' },
  ])
  const last = await rejection(retry(({ attempt }) => fail(attempt), { delayMs: 0 }))
  t.equal(last, 3, 'three attempts unless told otherwise, and the last error is the one')
})

t.test('retry gives up where trying again is of no use', async (t) => {
  let calls = 0
  const missing = () => fail(++calls && new standardProblems.NotFound())
  t.match(await rejection(retry(missing, fast)), { status: 404 })
  t.equal(calls, 1)
  await rejection(retry(missing, { ...fast, shouldRetry: () => true }))
  t.equal(calls, 4)
  const thrown = new Error('x')
  t.equal(
    await rejection(retry(() => fail(thrown), { ...fast, shouldRetry: () => fail(new Error('no')) })),
    thrown,
  )
})

t.test('an abort ends a retry, also in the middle of a delay', async (t) => {
  const controller = new AbortController()
  let calls = 0
  const run = ({ signal }: Attempt) => {
    calls++
    setImmediate(() => controller.abort(new Error('enough')))
    t.equal(signal, controller.signal)
    return fail(new Error('x'))
  }
  t.match(
    await rejection(retry(run, { delayMs: 100_000, maxDelayMs: 100_000, signal: controller.signal })),
    /enough/,
  )
  t.match(await rejection(retry(run, { signal: controller.signal })), /enough/)
  t.match(await rejection(retry(run, { signal: controller.signal, timeoutMs: 10 })), /enough/)
  t.equal(calls, 1)
  const other = new AbortController()
  const deaf = () => {
    setImmediate(() => other.abort(new Error('enough')))
    return new Promise(() => {})
  }
  const once = retry(deaf, { attempts: 1, timeoutMs: 100_000, signal: other.signal })
  t.match(
    await rejection(once),
    /enough/,
    'with a time-out not even a function that does not listen is waited for',
  )
})

t.test('an attempt that takes too long is aborted, and counts as failed', async (t) => {
  const reasons: unknown[] = []
  const hang = ({ signal }: Attempt) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reasons.push('aborted') && reject(signal.reason))
    })
  const error = await rejection(retry(hang, { attempts: 2, delayMs: 0, timeoutMs: 5 }))
  t.match(error, { name: 'TimedOut', status: 504, message: 'An attempt took longer than 5 ms.' })
  t.equal(reasons.length, 2)
  const result = await retry(async ({ signal }) => signal, { timeoutMs: 1000 })
  t.notOk(result.aborted, 'who reads on after an attempt is not cut off')
  t.match(await rejection(retry(() => fail(new Error('x')), { ...fast, timeoutMs: 1000 })), /x/)
  const { problem } = createErrorHandler({ logger: false }).handle(error, { method: 'GET' })
  t.strictSame(Object.keys(problem), ['type', 'title', 'status', 'instance'])
})

t.test(
  'a circuit breaker opens after so many failures, is reported once, and refuses with a 503',
  async (t) => {
    const reports = reporterOf(t)
    const breaker = circuitBreaker({ name: 'payments', failures: 2, halfOpenAfterMs: 60_000 })
    let calls = 0
    const call = () => breaker.execute(() => fail(new Error(`down ${++calls}`)))
    t.equal(await breaker.execute(async () => 7), 7)
    t.equal(breaker.state, 'closed')
    t.match(await rejection(call()), /down 1/)
    t.match(await rejection(call()), /down 2/)
    t.equal(breaker.state, 'open')
    const refusal = await rejection(call())
    t.equal(calls, 2)
    t.match(refusal, {
      name: 'CircuitOpen',
      status: 503,
      extensions: { circuit: 'payments' },
      cause: /down 2/,
    })
    const event = { level: 'warning', tags: { circuit: 'payments' }, extra: { failures: 2 } }
    t.match(reports, [{ ...event, exceptions: [{ type: 'CircuitOpen' }, { message: 'down 2' }] }])

    const reporter = recordingReporter()
    const handled = createErrorHandler({ logger: false, reporter }).handle(refusal, { method: 'GET' })
    t.match(handled, { status: 503, level: 'warning', isReportable: false })
    t.match(handled.headers['retry-after'], /^(59|60)$/)
    t.notMatch(handled.body, /payments/)
    t.throws(
      guard(() => fail(refusal)),
      { name: 'CircuitOpen' },
    )
    t.equal(reports.length, 1, 'refused calls are no events')
  },
)

t.test('a circuit breaker tries again, and is reported anew only after it was closed', async (t) => {
  const own = recordingReporter()
  const breaker = circuitBreaker({ name: 'mail', failures: 1, halfOpenAfterMs: 0, reporter: own })
  const down = () => breaker.execute(() => fail(new Error('down')))
  await rejection(down())
  await rejection(down())
  t.equal(own.reports.length, 1, 'the try that failed did not close it')
  let up = () => {}
  const trying = breaker.execute(() => new Promise<void>((resolve) => (up = resolve)))
  t.equal(breaker.state, 'half-open')
  up()
  await trying
  t.equal(breaker.state, 'closed')
  await rejection(breaker.execute(() => fail(new standardProblems.NotFound())))
  t.equal(breaker.state, 'closed', 'a problem that is no failure does not open it')
  await rejection(down())
  t.equal(own.reports.length, 2)
})

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function is<_Holds extends true>(): void

/** Compiled, never run. */
export function types(): void {
  const sync = (text: string, radix?: number): number => Number.parseInt(text, radix)
  const later = async (text: string): Promise<number> => sync(text)
  function method(this: Date, text: string): string {
    return this.toISOString() + text
  }
  const generic = guard(<T>(value: T): T[] => [value])
  is<Same<typeof generic, <T>(value: T) => T[]>>()
  const plain = guard(sync, { level: 'info' })
  is<Same<typeof plain, typeof sync>>()
  const plainLater = guard(later)
  is<Same<typeof plainLater, typeof later>>()
  const throwing = guard(sync, { fallback: (error) => fail(error) })
  is<Same<ReturnType<typeof throwing>, number>>()
  const fallen = guard(sync, { fallback: null })
  is<Same<ReturnType<typeof fallen>, number | null>>()
  is<Same<Parameters<typeof fallen>, [text: string, radix?: number]>>()
  const fallenLater = guard(later, { fallback: async (error: unknown) => String(error) })
  is<Same<ReturnType<typeof fallenLater>, Promise<number | string>>>()
  const never = guard(fail, { fallback: 7 })
  is<Same<ReturnType<typeof never>, number>>()
  const retried = guard(sync, { retry: { attempts: 2 } })
  is<Same<ReturnType<typeof retried>, Promise<number>>>()
  const both = guard(method, { retry: {}, fallback: null })
  is<Same<ReturnType<typeof both>, Promise<string | null>>>()
  is<Same<ThisParameterType<typeof both>, Date>>()
  const retriedResult = retry(async () => 7)
  is<Same<typeof retriedResult, Promise<number>>>()
  const executed = circuitBreaker({ name: 'x' }).execute(() => 7)
  is<Same<typeof executed, Promise<number>>>()
  // @ts-expect-error a misspelt option
  guard(sync, { fallbak: null })
  // @ts-expect-error a parameter of another type
  fallen(7)
}
