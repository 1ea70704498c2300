import { deepEqual } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createErrorHandler, type ErrorReport, type RedactOptions } from '@faultline/core'
import { thrownReport } from '@faultline/core/adapter'
import { recordingReporter } from '@faultline/core/testing'
import { ErrorEvent, type ExceptionRecord, eventMistakes, type StackFrame } from '@faultline/protocol'
import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import ts from 'typescript'
import { seededRandom } from '../../core/test/seeded-random.js'
import { createEventBuilder, type EventBuilderOptions } from '../src/event/build-event.js'
import { cutContext } from '../src/event/cut-context.js'
import { createEventFinisher } from '../src/event/finish-event.js'
import { RecentCache } from '../src/event/recent-cache.js'
import { createSourceReader } from '../src/event/source-context.js'

const run = promisify(execFile)
const surroundings = { service: 'orders', environment: 'test', platform: 'node' }

/** What the error handler reports of an error. */
async function reportOf(thrown: unknown): Promise<ErrorReport> {
  const reporter = recordingReporter()
  createErrorHandler({ reporter, logger: false }).handle(thrown, { method: 'GET', url: '/orders/7?a=1' })
  await new Promise(setImmediate)
  return reporter.reports[0] as ErrorReport
}

async function eventOf(thrown: unknown, options: Partial<EventBuilderOptions> = {}): Promise<ErrorEvent> {
  const event = await createEventBuilder({ surroundings, ...options }).build(await reportOf(thrown))
  deepEqual([...Value.Errors(ErrorEvent, event)], [])
  return event
}

async function thrownBy(action: () => unknown): Promise<Error> {
  try {
    await action()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

t.test('an event has the source around the application’s own frames', async (t) => {
  const source = [
    '// 1',
    '// 2',
    '// 3',
    '',
    'const password = "hunter2"',
    '// 6',
    'exports.fail = (run) => {',
    '  return run()',
    '}',
    '// 10',
    '// 11',
    '// 12',
    '// 13',
    '// 14',
  ]
  const folder = t.testdir({
    'package.json': '{}',
    'orders.js': source.join('\r\n'),
    node_modules: {
      '@shop': { db: { 'index.js': 'exports.query = () => { throw new TypeError("no table") }' } },
    },
  })
  const require = createRequire(join(folder, 'x.js'))
  const { fail } = require('./orders.js') as { fail: (run: () => never) => never }
  const { query } = require('@shop/db') as { query: () => never }
  const event = await eventOf(await thrownBy(() => fail(query)), { root: folder })
  const [library, own] = (event.exceptions[0] as ExceptionRecord).frames as [StackFrame, StackFrame]
  t.match(library, {
    file: 'node_modules/@shop/db/index.js',
    module: '@shop/db',
    inApp: false,
    line: 1,
    column: 31,
  })
  t.notOk(library.context)
  t.strictSame(own, {
    inApp: true,
    file: 'orders.js',
    function: own.function,
    line: 8,
    column: 10,
    context: {
      before: ['// 3', '', 'const password = "[Filtered]"', '// 6', 'exports.fail = (run) => {'],
      line: '  return run()',
      after: ['}', '// 10', '// 11', '// 12', '// 13'],
    },
  })
})

t.test('an event is complete, and fits the schema', async (t) => {
  const report = await reportOf(new Error('broken'))
  const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
  const builder = createEventBuilder({
    surroundings: { ...surroundings, release: '1.4.2', commit: undefined },
  })
  const event = await builder.build({ ...report, trace, tenant: undefined })
  t.match(event, {
    id: report.id,
    occurredAt: report.occurredAt,
    handled: false,
    mechanism: 'http',
    trace,
    message: 'broken',
  })
  t.match(event, {
    ...surroundings,
    release: '1.4.2',
    sdk: { name: '@faultline/node', version: /^\d+\.\d+\.\d+/ },
  })
  t.match(event.request, { method: 'GET', url: '/orders/7', query: 'a=1', status: 500 })
  for (const name of ['commit', 'tenant', 'thrown', 'phase']) t.notOk(name in event, name)
  t.notOk('stack' in (event.exceptions[0] as object))

  const causes = new AggregateError([new TypeError('one'), 'two'], 'all failed', {
    cause: new RangeError('why'),
  })
  const { exceptions } = await eventOf(Object.assign(causes, { code: 'E_ALL', shelf: 7 }))
  t.match(exceptions, [
    { type: 'AggregateError', message: 'all failed', code: 'E_ALL', meta: { shelf: 7 } },
    { type: 'RangeError', message: 'why' },
    { type: 'TypeError', message: 'one', parent: 0 },
    { type: 'NonError', parent: 0 },
  ])
  for (const { frames } of exceptions.slice(0, 3)) t.ok(frames.length > 0)
  t.strictSame(Object.keys(exceptions[3] as object).sort(), ['frames', 'message', 'parent', 'type'])
})

t.test('what an application says without regard for types is made to fit', async (t) => {
  const loose = {
    user: { id: 42, email: null, plan: ['gold'] },
    tenant: 7,
    trace: 'none',
    extra: 'none',
    tags: { retries: 3, plan: { name: 'gold' }, none: null },
    breadcrumbs: [
      { category: 'db', data: { rows: 1 } },
      'no step',
      { at: 1, category: 2, message: 3, level: 4, data: 5 },
    ],
  } as unknown as Partial<ErrorReport>
  const event = await createEventBuilder({ surroundings }).build({
    ...(await reportOf(new Error('x'))),
    ...loose,
  })
  t.strictSame([...Value.Errors(ErrorEvent, event)], [])
  t.strictSame(event.user, { id: '42', plan: ['gold'] })
  t.notOk('trace' in event || 'extra' in event)
  t.strictSame([event.tenant, event.tags], ['7', { retries: '3', plan: '{"name":"gold"}' }])
  t.strictSame(event.breadcrumbs, [
    { at: event.occurredAt, category: 'db', message: '', data: { rows: 1 } },
    { at: event.occurredAt, category: '2', message: '3', level: '4' },
  ])
})

t.test('a level and a severity in other words are understood, or left out', async (t) => {
  const saidAs: [said: unknown, level: string][] = [
    ['warn', 'warning'],
    ['WARN', 'warning'],
    ['trace', 'debug'],
    ['fatal', 'fatal'],
    ['constructor', 'error'],
    ['urgent', 'error'],
    [30, 'error'],
    [null, 'error'],
  ]
  const report = await reportOf(new Error('x'))
  for (const [said, level] of saidAs) {
    const event = createEventBuilder({ surroundings }).buildNow({
      ...report,
      level: said as never,
      severity: said as never,
    })
    t.strictSame([event.level, 'severity' in event, ...eventMistakes(event)], [level, false], String(said))
  }
})

t.test('a breadcrumb at a time that is none is one of the error’s own', async (t) => {
  const report = await reportOf(new Error('x'))
  const at = ['2026-13-45T10:00:00Z', '2026-01-02T03:04:05.678+09:00', 'yesterday']
  const breadcrumbs = at.map((at) => ({ at, category: 'a', message: 'b' }))
  const event = createEventBuilder({ surroundings }).buildNow({ ...report, breadcrumbs })
  t.strictSame(
    event.breadcrumbs?.map(({ at }) => at),
    [report.occurredAt, at[1], report.occurredAt],
  )
})

/** Events as they are sent, of what an application says and hides. */
function finishWith(redact: RedactOptions, report: ErrorReport): ErrorEvent {
  const builder = createEventBuilder({ surroundings: { ...surroundings, host: { name: 'h' } } })
  const finished = createEventFinisher(builder, { redact }, (_, error) => t.error(error)).finishNow(report)
  return finished as ErrorEvent
}

t.test(
  'redact hides words by key, and anything by path, but for what an event cannot be without',
  async (t) => {
    const extra = { name: 'Ann', line: 'Main Street 7', sdk: 'x', shown: 'yes' }
    const report = {
      ...(await reportOf(Object.assign(new TypeError('line=secret'), { line: 7, file: 'x' }))),
      user: { id: '7', plan: 'gold' },
      extra,
      tags: { id: '7', plan: 'gold' },
    } as ErrorReport
    const keyed = finishWith({ keys: ['id', 'line', 'file', 'name', 'sdk', 'type', 'frames'] }, report)
    const [thrown] = keyed.exceptions
    t.match(keyed, {
      id: report.id,
      host: { name: 'h' },
      sdk: { name: '@faultline/node' },
      user: { id: '[Filtered]', plan: 'gold' },
      tags: { id: '[Filtered]', plan: 'gold' },
      extra: { name: '[Filtered]', line: '[Filtered]', shown: 'yes' },
    })
    t.match(thrown, { type: 'TypeError', message: 'line=[Filtered]', meta: { line: '[Filtered]' } })
    t.match(thrown?.frames[0], { line: Number, file: String, inApp: true })

    const paths = ['id', 'level', 'host.name', 'user', 'sdk', 'request.status', 'exceptions.*.frames.*.line']
    const pathed = finishWith({ paths: [...paths, 'exceptions.*.frames.*.file'] }, report)
    t.match(pathed, { id: report.id, level: 'error', host: { name: '[Filtered]' }, sdk: { name: String } })
    t.notOk('user' in pathed || 'status' in (pathed.request ?? {}))
    t.ok(pathed.exceptions[0]?.frames.length)
    for (const frame of pathed.exceptions[0]?.frames ?? []) {
      t.notOk('line' in frame)
      t.equal(frame.file, '[Filtered]')
    }
    const closed = finishWith(
      { paths: ['exceptions.*.message', 'message', 'extra.*', 'fingerprint'] },
      report,
    )
    t.notMatch(JSON.stringify(closed), 'secret')
    t.strictSame(closed.extra, {
      name: '[Filtered]',
      line: '[Filtered]',
      sdk: '[Filtered]',
      shown: '[Filtered]',
    })
    t.strictSame(finishWith({ paths: ['exceptions'] }, report).exceptions, [])
    for (const key of ['exceptions', 'message']) {
      const [hidden] = finishWith({ keys: [key] }, report).exceptions
      t.match(hidden, { type: 'TypeError', message: '[Filtered]', frames: [{ inApp: true }] })
    }
  },
)

t.test('whatever is said and hidden, the event keeps to the schema', async (t) => {
  const { random, seed } = seededRandom()
  const pick = <Item>(items: readonly Item[]) => items[random(items.length)] as Item
  const few = <Item>(make: () => Item) => Array.from({ length: random(4) }, make)
  const inner =
    'line frames type context before status headers at traceId name parent inApp column email category data meta code'
  const words = [...Object.keys(ErrorEvent.properties), ...inner.split(' ')]
  const plain = ['warn', 'urgent', '2026-13-45T10:00:00Z', '', 7, -1, 1.5, Number.NaN, true, null, undefined]
  const value = (depth = 0): unknown => {
    if (depth > 2 || random(2) === 0) return pick(plain)
    return random(3) === 0 ? few(() => value(depth + 1)) : record(words, depth + 1)
  }
  const record = (names: string[], depth = 0) =>
    Object.fromEntries(few(() => [pick(names), value(depth)] as const))
  const path = () => [...few(() => pick([...words, '*', '0'])), pick(words)].join('.')
  const report = await reportOf(new AggregateError([new Error('a')], 'b'))

  for (let round = 0; round < 2000; round++) {
    const error = Object.assign(new Error('x'), { code: value(), severity: value() })
    const context = record(['user', 'tenant', 'tags', 'extra', 'trace'])
    const options = { mechanism: 'manual', handled: true, level: value(), fingerprint: value(), context }
    const made = pick([report, thrownReport(error, options as never)])
    const breadcrumbs = few(() => pick([value(), record(['at', 'category', 'message', 'level', 'data'])]))
    const request = record(['id', 'method', 'headers', 'status', 'durationMs', 'ip'])
    const said = { ...record(words.slice(4)), ...pick([{}, { request, breadcrumbs }]) }
    const redact = pick([
      { keys: few(() => pick(words)) },
      { paths: few(path) },
      { keys: words, paths: few(path) },
    ])
    const event = finishWith(redact, { ...made, ...said } as ErrorReport)
    const mistakes = eventMistakes(event)
    if (mistakes.length > 0 || event.id !== made.id)
      return t.fail(`${mistakes.join()} (seed ${seed}, round ${round}, ${JSON.stringify(redact)})`)
  }
  t.pass()
})

t.test('a stack without frames is kept as text if it says anything', async (t) => {
  const withStack = (stack: string) => Object.assign(new Error('x'), { stack, shelf: 7 })
  const [odd] = (await eventOf(withStack('Error: x\n  in some other language'))).exceptions
  t.strictSame([odd?.frames, odd?.meta], [[], { shelf: 7, stack: 'Error: x\n  in some other language' }])
  for (const stack of ['Error: x', 'x', 'Error: x\n']) {
    t.strictSame((await eventOf(withStack(stack))).exceptions[0]?.meta, { shelf: 7 })
  }
  const bare = Object.assign(new Error(''), { stack: 'Error' })
  t.notOk('meta' in ((await eventOf(bare)).exceptions[0] as object))
  t.match((await eventOf(withStack('another text'))).exceptions[0]?.meta, { stack: 'another text' })
})

t.test('equal stacks are parsed once, also behind different messages', async (t) => {
  const builder = createEventBuilder({ surroundings })
  const fail = (message: string) => new Error(message)
  const reports = await Promise.all(['one', 'two'].map((message) => reportOf(fail(message))))
  const early = reports.map((report) => builder.buildNow(report).exceptions[0]?.frames)
  t.equal(early[0], early[1])
  t.notOk(
    early[0]?.some((frame) => frame.context),
    'at once: without reading files',
  )
  const events = await Promise.all(reports.map((report) => builder.build(report)))
  const frames = events.map((event) => event.exceptions[0]?.frames)
  t.equal(frames[0], frames[1])
  t.match(
    events.map((event) => event.exceptions[0]?.message),
    ['one', 'two'],
  )
  t.ok(frames[0]?.[0]?.context?.line)
  const late = builder.buildNow(reports[0] as ErrorReport)
  t.equal(late.exceptions[0]?.frames, frames[0], 'at once: with what was read before')
  t.notOk(
    early[0]?.some((frame) => frame.context),
    'frames that were handed out stay as they are',
  )
})

t.test('source is read from source files only, and bounded', async (t) => {
  const long = `${'a;'.repeat(5000)}throw here;const token = "hunter2";${'b;'.repeat(5000)}`
  const key = `${'QUJD'.repeat(16)}`
  const folder = t.testdir({
    'x.js': `one\ntwo\n${'x'.repeat(50)} ${'y'.repeat(400)}\n`,
    'min.js': long,
    'key.ts': `${key}\n  "${key}\\n"\nthrow x\n${'-----BEGIN PRIVATE KEY-----'}\n${key}\nrest`,
    'x.env': 'SECRET=1\n',
    'big.js': `${'x\n'.repeat(1_100_000)}`,
    'folder.js': {},
  })
  const read = createSourceReader()
  const at = async (file: string, line: number, column?: number) =>
    (await read([{ path: join(folder, file), line, column }]))[0]
  t.strictSame(await at('x.js', 1), {
    before: [],
    line: 'one',
    after: ['two', `${'x'.repeat(50)} ${'y'.repeat(249)}…`, ''],
  })
  const minified = await at('min.js', 1, 10_001)
  t.match(minified?.line, /^…[a;]+throw here;const token = "\[Filtered\]";[b;]+…$/)
  t.equal(minified?.line.length, 302)
  t.strictSame(await at('key.ts', 3), {
    before: ['[Filtered]', '[Filtered]'],
    line: 'throw x',
    after: ['[Filtered]'],
  })
  t.ok(await at('big.js', 1_000_000))
  t.equal(await at('big.js', 1_090_000), undefined, 'behind the first 2 MiB')
  for (const file of ['x.env', 'folder.js', 'missing.js']) t.equal(await at(file, 1), undefined, file)
  t.equal(await at('x.js', 99), undefined)
  const [line] = await Promise.all([at('x.js', 2), at('x.js', 2), at('key.ts', 2)])
  rmSync(join(folder, 'x.js'))
  t.equal(await at('x.js', 2), line, 'what was read is remembered')
  const many = await read(
    Array.from({ length: 3000 }, (_, i) => ({ path: join(folder, 'big.js'), line: i + 1 })),
  )
  t.equal(many.length, 3000)
})

t.test('source shows no secret that is written into it', async (t) => {
  const source: Record<string, string> = {
    "const db = process.env.DB_SECRET ?? 'fallback-secret'":
      "const db = process.env.DB_SECRET ?? '[Filtered]'",
    'const shop = connect(process.env[\'API_KEY\'] || "abc")':
      'const shop = connect(process.env[\'API_KEY\'] || "[Filtered]")',
    "const x = Deno.env.get('SECRET') ?? y ?? `abc`": "const x = Deno.env.get('SECRET') ?? y ?? `[Filtered]`",
    "const apiKey: string = 'abc'": "const apiKey: [Filtered] = '[Filtered]'",
    "const token = process.env.TOKEN ?? 'abc'": "const token = [Filtered] ?? '[Filtered]'",
    "function login(name = 'a', password: string = 'abc') {}":
      "function login(name = 'a', password: [Filtered] = '[Filtered]') {}",
    "const pass = isProd ? env.PASSWORD : 'it\\'s'": "const pass = isProd ? env.PASSWORD : '[Filtered]'",
    "const shop = new Shop({ x: env.TOKEN ?? 'abc', mode: 'fast' })":
      "const shop = new Shop({ x: env.TOKEN ?? '[Filtered]', mode: 'fast' })",
    "if (kind === 'token') return 'late'": "if (kind === 'token') return 'late'",
    "import { token } from './token.js'": "import { token } from './token.js'",
    "const level = env.LEVEL ?? 'info'": "const level = env.LEVEL ?? 'info'",
    "const empty = env.TOKEN ?? ''": "const empty = env.TOKEN ?? ''",
    [`stripe = new Stripe('sk_live_${'5'.repeat(24)}')`]: "stripe = new Stripe('[Filtered]')",
  }
  for (const [line, shown] of Object.entries(source)) t.equal(cutContext([line], { line: 1 })?.line, shown)
  const two = ['const key =', '  process.env.SECRET ??', "  'fallback-secret'", "const mode = 'fast'", 'x']
  t.strictSame(cutContext(two, { line: 5 })?.before, [
    ...two.slice(0, 2),
    "  '[Filtered]'",
    "const mode = 'fast'",
  ])
  const hostile = `${'token ?? '.repeat(40)}${"'".repeat(2001)}${'token = "'.repeat(200)}`
  const startedAt = performance.now()
  for (let i = 0; i < 20; i++) cutContext([hostile, hostile, hostile], { line: 2, column: 900 })
  t.ok(performance.now() - startedAt < 2000)
})

t.test('a pipe is not waited for', { skip: process.platform === 'win32' }, async (t) => {
  const path = join(t.testdir({}), 'pipe.js')
  await run('mkfifo', [path])
  t.strictSame(await createSourceReader()([{ path, line: 1 }]), [undefined])
})

t.test('a cache keeps what was used last, and is bounded', async (t) => {
  const cache = new RecentCache<number>(10)
  for (let i = 0; i < 1000; i++) {
    cache.set(String(i), i)
    cache.get('0')
  }
  const kept = Array.from({ length: 1000 }, (_, i) => i).filter((i) => cache.has(String(i)))
  t.ok(kept.length > 10 && kept.length <= 20, `${kept.length}`)
  t.strictSame([kept[0], kept.at(-1), cache.get('0'), cache.get('1')], [0, 999, 0, undefined])
})

t.test('it is told once that stacks name built lines', async (t) => {
  const map = '//# sourceMappingURL=x.js.map'
  const folder = t.testdir({ 'x.js': `a\n${map}\n`, 'y.js': `a\n${map}`, 'plain.js': `a\n${map}\nb\n` })
  const wasEnabled = process.sourceMapsEnabled
  t.teardown(() => process.setSourceMapsEnabled(wasEnabled))
  const told = async (files: string[], isEnabled: boolean) => {
    process.setSourceMapsEnabled(isEnabled)
    let count = 0
    await createSourceReader(() => void count++)(files.map((file) => ({ path: join(folder, file), line: 1 })))
    return count
  }
  t.equal(await told(['x.js', 'y.js'], false), 1)
  t.equal(await told(['plain.js'], false), 0)
  t.equal(await told(['x.js'], true), 0)
})

t.test('with source maps the frames and the source are those of the TypeScript', async (t) => {
  const source =
    'interface Order {\n  id: number\n}\n\nexport function pay(order: Order): never {\n  throw order\n}\n'.replace(
      'throw order',
      'throw new Error(String(order.id))',
    )
  const compilerOptions = { sourceMap: true, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  const { outputText, sourceMapText } = ts.transpileModule(source, { fileName: 'shop.ts', compilerOptions })
  const folder = t.testdir({
    'shop.ts': source,
    'shop.mjs': outputText.replace('shop.js.map', 'shop.mjs.map'),
    'shop.mjs.map': sourceMapText as string,
    'main.mjs': `
      import { createEventBuilder } from ${JSON.stringify(import.meta.resolve('../src/event/build-event.js'))}
      import { pay } from './shop.mjs'
      try {
        pay({ id: 7 })
      } catch ({ message, stack }) {
        let isTold = false
        const root = import.meta.dirname
        const builder = createEventBuilder({ surroundings: { service: 's', environment: 'e' }, root, onBuiltLines: () => { isTold = true } })
        const report = { id: '01a208a0-c75b-755e-a4a5-c34b80460aa7', occurredAt: '2026-01-02T03:04:05Z' }
        const event = await builder.build({ ...report, exceptions: [{ type: 'Error', message, stack }] })
        console.log(JSON.stringify({ isTold, frame: event.exceptions[0].frames[0] }))
      }`,
  })
  const frameWith = async (...args: string[]) => {
    // env -i: tap would load itself into the child, and switch source maps on
    const { stdout } = await run('env', ['-i', process.execPath, ...args, join(folder, 'main.mjs')])
    return JSON.parse(stdout) as { isTold: boolean; frame: StackFrame }
  }
  const line = '  throw new Error(String(order.id))'
  const mapped = { function: 'pay', file: 'shop.ts', line: 6, inApp: true, context: { line } }
  t.match(await frameWith('--enable-source-maps'), { isTold: false, frame: mapped })
  t.match(await frameWith(), { isTold: true, frame: { file: 'shop.mjs', line: 2 } })
})
