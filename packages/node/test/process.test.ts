import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { recordingReporter } from '@faultline/core/testing'
import { createReporter } from '@faultline/node'
import { transformSync } from 'esbuild'
import t from 'tap'
import { faults, startCollector } from '../../../test/fakes/collector.js'
import { catchProcessErrors, type ProcessErrorOptions } from '../src/process/catch-process-errors.js'
import type { HooksPlan } from './process-programs/hooks.js'

const HOOKS = new URL('./process-programs/hooks.js', import.meta.url).href
const CATCH = new URL('../src/process/catch-process-errors.js', import.meta.url).href
const folder = t.testdir({})
// a hundred processes take their time on a busy machine
t.setTimeout(120_000)
let programs = 0

interface Program {
  source: string
  /** Default: none. */
  hooks?: HooksPlan | undefined
  flags?: string[]
  extension?: string
  /** For each line on standard output. */
  onLine?: (line: string, child: ChildProcess) => void
}

function write(source: string, extension = 'mjs'): string {
  const path = join(folder, `program-${programs++}.${extension}`)
  writeFileSync(path, source)
  return path
}

async function runFile(path: string, { hooks, flags = [], onLine }: Omit<Program, 'source'>) {
  const preload = hooks ? HOOKS : 'data:text/javascript,'
  // with an empty environment: a test runner would load itself into the program, with listeners of its own
  const command = [
    '-i',
    `HOOKS=${JSON.stringify(hooks)}`,
    process.execPath,
    ...flags,
    '--import',
    preload,
    path,
  ]
  const child = spawn('env', command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  const lines: string[] = []
  createInterface(child.stdout as Readable).on('line', (line) => {
    lines.push(line)
    onLine?.(line, child)
  })
  const [stderr, [code, signal]] = await Promise.all([text(child.stderr as Readable), once(child, 'close')])
  const told = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  /** The values that logger or reporter were told under a name. */
  const all = (name: string): unknown[] => told.filter((one) => name in one).map((one) => one[name])
  return { stderr, code, signal, told, all, printed: lines.filter((line) => !line.startsWith('{')) }
}

const run = ({ source, extension, ...rest }: Program) => runFile(write(source, extension), rest)

const throwsLater = (what = `new Error('boom')`) => `setTimeout(() => { throw ${what} }, 1)\n`

/** Something that runs before the hooks are installed. */
const earlier = (source: string) => ['--import', `data:text/javascript,${encodeURIComponent(source)}`]

t.test('an error thrown in a timer is logged and reported, flushed, and ends the process', async (t) => {
  const source = `
    process.on('exit', (code) => console.log('exit', code))
    setInterval(() => undefined, 1000)
    ${throwsLater()}`
  const { code, told, all, printed, stderr } = await run({ source, hooks: {} })
  t.equal(code, 1)
  t.strictSame(printed, ['exit 1'])
  const [eventId] = all('eventId')
  t.strictSame(told, [
    { logged: 'boom', type: 'Error', hasStack: true, eventId },
    { reported: 'boom', eventId, level: 'fatal', handled: false, mechanism: 'process' },
    { flush: 2000 },
  ])
  t.match(stderr, /\nError: boom\n {4}at /)
  t.equal((await run({ source, hooks: { exitCode: 70 } })).code, 70)
  t.equal((await run({ source, hooks: { exitCode: 0 } })).code, 0)
})

t.test('a rejection is reported with its own reason, once for all promises that have it', async (t) => {
  const derived = await run({ source: `Promise.reject(new Error('why')).then(() => 1)`, hooks: {} })
  t.equal(derived.code, 1)
  t.strictSame(derived.all('reported'), ['why'])
  const both = await run({
    source: `const error = new Error('why'); Promise.reject(error); Promise.reject(error).then(() => 1)`,
    hooks: {},
  })
  t.strictSame(both.all('logged'), ['why'])
  const values = [`'text'`, 'undefined', 'null', '42', `Symbol('s')`]
  const source = values.map((value) => `Promise.reject(${value})`).join('\n')
  const raw = await run({ source, hooks: { exitCode: false } })
  t.strictSame(raw.all('raw'), ['text', 'undefined', 'null', '42', 'Symbol(s)'])
  t.equal(raw.code, 0)
})

const PRINTED_AS_BY_NODE: Record<string, Omit<Program, 'hooks'>> = {
  'with properties and causes': {
    source: `setTimeout(() => {
\t  throw Object.assign(new Error('boom', { cause: new TypeError('inner') }), { code: 'E1', deep: { a: { b: { c: { d: 1 } } } } })
}, 1)`,
  },
  'behind a condition': { source: `setTimeout(() => {\n  if (true) throw new RangeError('x')\n}, 1)` },
  'by V8': { source: `setTimeout(() => {\n  let x; x.foo.bar(1)\n}, 1)`, extension: 'cjs' },
  'in an async function': { source: `setTimeout(async () => {\n  throw new Error('async')\n}, 1)` },
  'by the program itself': { source: `throw new Error('top')` },
  'with members': { source: throwsLater(`new AggregateError([new Error('one'), 'two'], 'many')`) },
  'with a message like a stack': {
    source: throwsLater(`new Error('a\\n    at b (${import.meta.url}:1:1)')`),
  },
}

t.test('an error is printed as Node prints it', async (t) => {
  const compared = Object.entries(PRINTED_AS_BY_NODE).map(async ([name, { source, extension }]) => {
    const path = write(source, extension)
    const [expected, found] = await Promise.all([runFile(path, {}), runFile(path, { hooks: {} })])
    t.equal(expected.code, 1)
    t.equal(found.stderr, expected.stderr, name)
  })
  await Promise.all(compared)
})

t.test('what is longer than a pipe holds is printed to its end', async (t) => {
  const source = `process.stderr.write(''); ${throwsLater(`new Error('long '.repeat(200_000))`)}`
  const { stderr } = await run({ source, hooks: {} })
  t.ok(stderr.length > 1_000_000)
  t.match(stderr.slice(-50), `\n\nNode.js ${process.version}\n`)
})

t.test('with source maps the original line is printed', async (t) => {
  const dist = join(folder, 'dist')
  mkdirSync(dist)
  const original = `type Name = string\n\nfunction fail(name: Name): never {\n  throw new Error(name)\n}\nsetTimeout(fail, 1, 'x')\n`
  const from = write(original, 'ts')
  const options = { loader: 'ts', sourcefile: from, sourcemap: 'inline', minify: true } as const
  const path = join(dist, 'mapped.mjs')
  writeFileSync(path, transformSync(original, options).code)
  const flags = ['--enable-source-maps']
  const expected = await runFile(path, { flags })
  const found = await runFile(path, { flags, hooks: {} })
  t.equal(found.stderr, expected.stderr.replace('^\n\n\n', '^\n\n')) // Node 20 leaves two lines empty
  t.match(found.stderr, '  throw new Error(name)\n  ^\n')
})

t.test('where only Node knows the place, the rest is printed as by Node', async (t) => {
  const rest = (stderr: string) => stderr.slice(stderr.indexOf('\n\n'))
  const sources = [
    `import { EventEmitter } from 'node:events'\nnew EventEmitter().emit('error', Object.assign(new Error('x'), { code: 1 }))`,
    `import { readFileSync } from 'node:fs'\nsetTimeout(() => readFileSync('/none'), 1)`,
    `const early = new Error('early')\nsetTimeout(() => { throw early }, 1)`,
  ]
  const compared = sources.map(async (source) => {
    const path = write(source)
    const [expected, found] = await Promise.all([runFile(path, {}), runFile(path, { hooks: {} })])
    t.equal(rest(found.stderr), rest(expected.stderr))
    t.match(found.stderr, `${pathToFileURL(path)}:`)
  })
  await Promise.all(compared)
})

t.test('what was thrown without a place is printed as Node inspects it', async (t) => {
  const end = `\n\nNode.js ${process.version}\n`
  const printed = [
    [throwsLater(`'text'`), `Uncaught:\ntext${end}`],
    [throwsLater('undefined'), `Uncaught:\nundefined${end}`],
    [throwsLater('{ a: 1 }'), `Uncaught:\n{ a: 1 }${end}`],
    [throwsLater(`Object.assign(new Error(), { stack: 'mine' })`), `[mine]${end}`],
    [throwsLater('new Proxy({}, { getOwnPropertyDescriptor() { throw 1 } })'), end],
    [`Promise.reject('why')`, `reason "why".] {\n  code: 'ERR_UNHANDLED_REJECTION'\n}${end}`],
  ] as const
  const compared = printed.map(async ([source, wanted]) => {
    const { stderr } = await run({ source, hooks: {} })
    t.equal(stderr.slice(-wanted.length), wanted)
  })
  await Promise.all(compared)
})

t.test('listeners of the application run, and the process ends all the same', async (t) => {
  const source = `
    process.on('uncaughtException', (error, origin) => console.log('exception', error.message, origin))
    process.on('unhandledRejection', (reason) => console.log('rejection', reason.message))
    process.on('uncaughtExceptionMonitor', (error, origin) => console.log('monitor', error.message, origin))
    setInterval(() => undefined, 1000)
    `
  const thrown = await run({ source: source + throwsLater(), hooks: {} })
  t.strictSame(thrown.printed, ['monitor boom uncaughtException', 'exception boom uncaughtException'])
  t.strictSame([thrown.code, thrown.all('reported')], [1, ['boom']])
  const rejected = await run({ source: `${source} Promise.reject(new Error('why'))`, hooks: {} })
  t.strictSame([rejected.code, rejected.printed], [1, ['rejection why']])
  const flags = earlier(`process.on('uncaughtException', () => process.exit(3))`)
  const itself = await run({ source: throwsLater(), hooks: {}, flags })
  t.strictSame([itself.code, itself.all('reported')], [3, ['boom']], 'one that exits, and came first')
})

t.test('listeners for exceptions hear of rejections as they do without the hooks', async (t) => {
  const reasons = `'why', undefined, 12n, Symbol('s'), { a: 1 }, [1], new Map(), new (class Foo {})(), Object.create(null),
    new Date(0), /x/, () => 1, { toString: () => 'own' }, new Error('an error'), { stack: 'like an error', message: 'like' }`
  const source = `
    process.on('uncaughtExceptionMonitor', ({ message }, origin) => console.log(message, origin))
    process.on('uncaughtException', ({ message, name, code }, origin) => console.log(message, name, code, origin))
    for (const reason of [${reasons}]) Promise.reject(reason)`
  const path = write(source)
  const expected = await runFile(path, {})
  const found = await runFile(path, { hooks: { exitCode: false } })
  t.equal(expected.printed.length, 30)
  const named = (lines: string[]) =>
    lines.map((line) => line.replace(/ (?:Error|UnhandledPromiseRejection) ERR/, ' ERR'))
  t.strictSame(named(found.printed), named(expected.printed))
})

t.test('--unhandled-rejections changes nothing', async (t) => {
  const source = `Promise.reject(new Error('an error'))\nPromise.reject('why')`
  const checked = ['none', 'warn', 'strict', 'throw'].map(async (mode) => {
    const flags = [`--unhandled-rejections=${mode}`]
    const { code, all } = await run({ source, hooks: { reporter: 'slow' }, flags })
    t.strictSame([code, all('reported').length, all('logged').length], [1, 2, 2], mode)
  })
  await Promise.all(checked)
})

t.test('no reporter keeps the process alive, or ends it otherwise', async (t) => {
  const source = `setInterval(() => undefined, 1000)\n${throwsLater()}`
  const reporters = ['hangs', 'rejects', 'throws', 'says false', 'throws later', 'report throws'] as const
  const checked = reporters.map(async (reporter) => {
    const { code, all } = await run({ source, hooks: { reporter, flushTimeoutMs: 200 } })
    t.strictSame([code, all('logged')], [1, ['boom']], reporter)
    t.equal(all('warned').length, reporter === 'throws later' ? 0 : 1, reporter)
  })
  await Promise.all(checked)
})

t.test('several errors are each logged and reported, and the process ends once', async (t) => {
  const exits = `process.on('exit', () => console.log('exit'))\n`
  const two = await run({
    source: `${exits}${throwsLater(`new Error('first')`)}setTimeout(() => { throw new Error('second') }, 20)`,
    hooks: { reporter: 'until the next error', flushTimeoutMs: 60_000 },
  })
  t.strictSame([two.code, two.all('logged'), two.printed], [1, ['first', 'second'], ['exit']])
  t.strictSame(two.all('reported'), ['first', 'second'])
  t.equal(two.all('flush').length, 2, 'what was reported during a flush is flushed too')
  const storm = await run({
    source: `${exits}setInterval(() => { throw new Error('again') }, 1)`,
    hooks: { reporter: 'hangs', flushTimeoutMs: 100 },
  })
  t.strictSame([storm.code, storm.printed], [1, ['exit']])
  t.ok(storm.all('reported').length > 1)
  const inExit = await run({
    source: `process.on('exit', () => { throw new Error('in exit') })\nsetInterval(() => 1, 1000)\n${throwsLater()}`,
    hooks: { exitCode: 70 },
  })
  t.equal(inExit.code, 70)
  t.match(inExit.stderr, 'Error: in exit')
})

t.test('an error of our own logging or reporting is printed, and not logged again', async (t) => {
  const source = `${throwsLater()}setTimeout(() => { throw new Error('later') }, 20)`
  const loggers = ['throws', 'throws later', 'rejects', 'breaks its stream'] as const
  const checked = loggers.map(async (logger) => {
    const { code, all, stderr } = await run({ source, hooks: { logger, exitCode: false } })
    t.strictSame([code, all('logged'), all('reported')], [0, ['boom', 'later'], ['boom', 'later']], logger)
    t.equal(stderr.match(/^Error: (?:logger|stream) /gm)?.length ?? 0, logger === 'throws' ? 0 : 2, logger)
  })
  await Promise.all(checked)
})

t.test('exitCode false reports and prints, and the process goes on', async (t) => {
  const source = `${throwsLater()}setTimeout(() => { Promise.reject(new Error('why')) }, 10)
    setTimeout(() => console.log('goes on'), 30)`
  const { code, all, printed, stderr } = await run({ source, hooks: { exitCode: false } })
  t.strictSame([code, printed, all('reported')], [0, ['goes on'], ['boom', 'why']])
  t.match(stderr, /Error: boom[\s\S]*Error: why/)
  t.equal(all('flush').length, 1, 'by beforeExit')
})

t.test('a signal flushes; without listeners of the application the process dies of it', async (t) => {
  const killWhen = (said: RegExp, signal: NodeJS.Signals) => (line: string, child: ChildProcess) => {
    if (said.test(line)) child.kill(signal)
  }
  const source = `setInterval(() => undefined, 1000)\nconsole.log('ready')\n`
  const checked = (['SIGTERM', 'SIGINT'] as const).map(async (signal) => {
    const onLine = killWhen(/ready/, signal)
    const flags = earlier(`process.once('${signal}', () => setTimeout(() => process.exit(7), 20))`)
    const hangs = { reporter: 'hangs', flushTimeoutMs: 60_000 } as const
    const [alone, hanging, twice, deciding] = await Promise.all([
      run({ source, hooks: {}, onLine }),
      run({ source, hooks: { ...hangs, flushTimeoutMs: 50 }, onLine }),
      run({ source, hooks: hangs, onLine: killWhen(/ready|flush/, signal) }),
      run({ source, hooks: {}, flags, onLine }),
    ])
    t.strictSame([alone.signal, alone.told], [signal, [{ flush: 2000 }, { close: 0 }]])
    t.equal(hanging.signal, signal)
    t.equal(twice.signal, signal, 'a second signal is not held up')
    t.strictSame([deciding.code, deciding.told], [7, [{ flush: 2000 }]])
  })
  await Promise.all(checked)
})

t.test(
  'what a silent collector has not taken when the signal comes is on disk, and the next process sends it',
  async (t) => {
    const collector = await startCollector()
    t.teardown(() => collector.stop())
    collector.answerWith(faults.silence())
    const options = { dsn: collector.dsn, spoolDir: t.testdir() }
    const source = `
    import { captureError, catchProcessErrors, createReporter } from '@faultline/node'
    createReporter(${JSON.stringify(options)})
    catchProcessErrors({ flushTimeoutMs: 100 })
    for (let i = 0; i < 10; i++) captureError(new Error('error ' + i))
    process.kill(process.pid, 'SIGTERM')
    setInterval(() => undefined, 1000)`
    const { signal } = await run({ source })
    t.equal(signal, 'SIGTERM')
    t.strictSame([collector.attempts, collector.events.length], [1, 0])
    collector.answerWith()
    const next = createReporter(options)
    t.teardown(() => next.close())
    await collector.waitFor(({ events }) => events.length === 10, 'what was on disk')
  },
)

t.test('a process that has nothing left to do flushes once', async (t) => {
  const source = `process.on('beforeExit', () => console.log('before exit'))`
  const { code, told, printed } = await run({ source, hooks: { reporter: 'slow' } })
  t.strictSame([code, told, printed], [0, [{ flush: 2000 }], ['before exit', 'before exit']])
})

t.test('nothing is installed without the call, after undo, or in a worker thread', async (t) => {
  const source = `
    const listeners = () => JSON.stringify(process.eventNames().map((name) => [String(name), process.listenerCount(name)]))
    const before = listeners()
    await import('@faultline/node')
    const { catchProcessErrors } = await import('${CATCH}')
    console.log(before === listeners())
    const undo = catchProcessErrors()
    console.log(before === listeners())
    undo()
    undo()
    console.log(before === listeners())
    catchProcessErrors()()`
  t.strictSame((await run({ source })).printed, ['true', 'false', 'true'])
  const { code, told, stderr } = await run({ source: throwsLater(), hooks: { undo: true } })
  t.strictSame([code, told], [1, []])
  t.match(stderr, 'Error: boom')
  const inWorker = `const { parentPort } = require('node:worker_threads')
    const before = process.eventNames().length
    import('${CATCH}').then(({ catchProcessErrors }) => {
      catchProcessErrors()()
      parentPort.postMessage(process.eventNames().length - before)
      catchProcessErrors()
      throw new Error('of a worker')
    })`
  const worker = new Worker(inWorker, { eval: true })
  const messages: unknown[] = []
  worker.on('message', (message) => messages.push(message))
  const ended = new Promise((resolve) => worker.on('exit', resolve)) // it may come in the same turn as the error
  const [error] = await once(worker, 'error')
  t.equal(error.message, 'of a worker')
  await ended
  t.strictSame(messages, [0])
})

t.test('mistaken options are one error, and so is a second call', async (t) => {
  const mistaken = (options: unknown) => {
    try {
      catchProcessErrors(options as ProcessErrorOptions)()
      return []
    } catch (error) {
      t.equal((error as Error).name, 'InvalidConfiguration')
      return (error as { extensions: { mistakes: string[] } }).extensions.mistakes
    }
  }
  t.strictSame(mistaken({ exitCode: 300, flushTimeoutMs: -1, reporter: {}, logger: 'x', exit: 1 }), [
    'catchProcessErrors: exitCode must be a whole number from 0 to 255, or false',
    'catchProcessErrors: flushTimeoutMs must be milliseconds, from 0 to 2147483647',
    'catchProcessErrors: reporter must have the methods report, flush and close',
    'catchProcessErrors: logger must be a logger with warn and error',
    'catchProcessErrors: exit is no option; the options are reporter, logger, exitCode, flushTimeoutMs',
  ])
  t.equal(mistaken(null).length, 1)
  t.strictSame(mistaken({ exitCode: false, flushTimeoutMs: 0, reporter: undefined, logger: console }), [])
  const undo = catchProcessErrors({ reporter: recordingReporter() })
  t.match(mistaken({}), ['catchProcessErrors is active already'])
  undo()
  t.strictSame(mistaken({}), [])
})
