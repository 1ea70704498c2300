import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serializeError } from '@faultline/core'
import fastify from 'fastify'
import { stdSerializers } from 'pino'
import { pinoHttp } from 'pino-http'
import t from 'tap'
import { createLogger } from '../src/logger/create-logger.js'
import type { LoggerOptions } from '../src/logger/logger-options.js'
import { outputOf } from './program-output.js'

// pino-roll goes on for some milliseconds after a test.
const root = mkdtempSync(join(tmpdir(), 'faultline-logger-'))
process.on('exit', () => rmSync(root, { recursive: true, force: true }))
const newFolder = () => mkdtempSync(join(root, 'log-'))

type Line = Record<string, unknown> & { msg?: string; err?: Record<string, unknown> }

/** Everything in the files of one kind. */
function textIn(dir: string, kind: 'app' | 'error'): string {
  const files = readdirSync(dir).filter((file) => file.startsWith(`${kind}.`))
  return files.map((file) => readFileSync(join(dir, file), 'utf8')).join('')
}

function linesIn(dir: string, kind: 'app' | 'error' = 'app'): Line[] {
  return textIn(dir, kind)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** A logger that writes to files only. */
function fileLogger(dir: string, options: LoggerOptions = {}) {
  return createLogger({ dir, console: false, service: 'orders', level: 'trace', ...options })
}

const SECRETS = [
  'hunter2',
  'tok-4711',
  'sk_live_x',
  '4111111111111111',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc',
]

/** Says every secret in every way that a service does. */
const INDISCREET = `
  const [password, token, key, card, jwt] = ${JSON.stringify(SECRETS)}
  const cause = Object.assign(new Error('password=' + password), { apiKey: key })
  const error = Object.assign(new TypeError('card ' + card, { cause }), {
    config: { headers: { Authorization: 'Bearer ' + token } },
  })
  log.info('password=' + password)
  log.info('%s and %o', 'Bearer ' + token, { secret: key })
  log.info({ body: { password, nested: [{ 'x-api-key': key, note: 'jwt ' + jwt }] }, card })
  log.error(error)
  log.error({ err: error }, 'Authorization: Basic ' + token)
  log.warn({ error, reason: cause }, 'text')
  log.child({ token, url: 'https://ann:' + password + '@host/' }, { msgPrefix: 'password=' + password + ' ' }).fatal('card ' + card)
  log.child({}, { serializers: { user: () => ({ passphrase: password }) } }).info({ user: 1 })
  log.info({ raw: { toJSON: () => ({ token }) }, map: JSON.stringify({ password, token }) })
`

t.test('secrets', async (t) => {
  t.test('are in none of the files', async (t) => {
    const dir = newFolder()
    new Function('log', INDISCREET)(fileLogger(dir))
    t.equal(linesIn(dir).length, 9)
    t.equal(linesIn(dir, 'error').length, 3)
    for (const kind of ['app', 'error'] as const)
      for (const secret of SECRETS) t.notOk(textIn(dir, kind).includes(secret), `${kind} ${secret}`)
  })

  for (const form of ['json', 'pretty'] as const) {
    t.test(`are not on the console in ${form}`, async (t) => {
      const { out, err, code } = await outputOf(
        `const log = createLogger({ console: '${form}' }); ${INDISCREET}`,
      )
      t.equal(code, 0, err)
      t.match(out, form === 'json' ? /^{"level":30/ : /INFO.*: password=\[Filtered\]/)
      t.equal(err, '')
      for (const secret of SECRETS) t.notOk(out.includes(secret), secret)
    })
  }

  t.test('of one’s own can be named', async (t) => {
    const dir = newFolder()
    fileLogger(dir, { redact: { keys: ['tax-number'], paths: ['user.*.plan'] } }).info({
      taxNumber: 'DE-1',
      user: { ann: { plan: 'gold', name: 'Ann' } },
    })
    t.match(linesIn(dir)[0], { taxNumber: '[Filtered]', user: { ann: { plan: '[Filtered]', name: 'Ann' } } })
  })
})

t.test('errors', async (t) => {
  const cause = Object.assign(new RangeError('too far'), { code: 'E_FAR', distance: 7 })
  const error = Object.assign(new Error('no route', { cause }), { code: 'E_ROUTE', hops: [1, 2] })
  const shown = {
    type: 'Error',
    message: 'no route',
    code: 'E_ROUTE',
    hops: [1, 2],
    stack: /^Error: no route\n/,
    cause: { type: 'RangeError', message: 'too far', code: 'E_FAR', distance: 7, stack: /^RangeError/ },
  }

  t.test('keep their causes, codes and members, wherever they are given', async (t) => {
    const dir = newFolder()
    const log = fileLogger(dir)
    log.error(error)
    log.error({ err: error }, 'said')
    log.error({ error })
    log.error({ reason: error })
    log.child({ err: error }).error('bound')
    log.error({ err: serializeError(error) })
    log.child({}, { serializers: stdSerializers }).error({ err: serializeError(error) })
    const [plain, err, named, reason, bound, serialized, foreign] = linesIn(dir, 'error')
    t.match(plain, { msg: 'no route', err: shown })
    t.match(err, { msg: 'said', err: shown })
    t.match(named, { error: shown })
    t.match(reason, { reason: shown })
    t.match(bound, { msg: 'bound', err: shown })
    t.match(serialized, { msg: 'no route', err: shown })
    t.match(foreign, { msg: 'no route', err: shown })
  })

  t.test('of every make are shown', async (t) => {
    const dir = newFolder()
    const log = fileLogger(dir)
    const causes = Array.from({ length: 9 }).reduce(
      (inner: Error, _, i) => new Error(`e${i}`, { cause: inner }),
      new Error('root'),
    )
    log.error(new DOMException('stopped', 'AbortError'))
    log.error(new AggregateError([error], 'several'))
    log.error(causes)
    log.error({ err: 'only a text' })
    log.error({
      get other() {
        throw new Error('a getter')
      },
    })
    const [aborted, several, deep, onlyText, thrown] = linesIn(dir, 'error')
    t.match(aborted, { err: { type: 'AbortError', message: 'stopped' } })
    t.match(several, { err: { type: 'AggregateError', aggregateErrors: [shown] } })
    t.match(JSON.stringify(deep), '"message":"root"')
    t.match(onlyText, { err: 'only a text' })
    t.match(thrown, { level: 50 })
  })
})

t.test('Fastify takes it as its logger', async (t) => {
  const dir = newFolder()
  const app = fastify({ loggerInstance: fileLogger(dir) })
  app.get('/orders', () => {
    throw new Error('password=hunter2', { cause: Object.assign(new Error('no stock'), { code: 'E_STOCK' }) })
  })
  await app.inject('/orders?token=tok-4711')
  await app.close()
  const lines = linesIn(dir)
  t.match(lines[0], {
    service: 'orders',
    req: { method: 'GET', url: '/orders?token=[Filtered]' },
    reqId: 'req-1',
  })
  t.match(lines[1], { err: { message: 'password=[Filtered]', cause: { code: 'E_STOCK' } } })
  t.match(lines[2], { res: { statusCode: 500 } })
  for (const secret of SECRETS) t.notOk(textIn(dir, 'app').includes(secret), secret)
})

t.test('pino-http takes it as its logger', async (t) => {
  const dir = newFolder()
  const logRequests = pinoHttp({ logger: fileLogger(dir) })
  const server = createServer((request, response) => {
    logRequests(request, response)
    response.err = new Error('password=hunter2', {
      cause: Object.assign(new Error('no stock'), { code: 'E_STOCK' }),
    })
    response.statusCode = 500
    response.setHeader('set-cookie', 'sid=tok-4711').end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const headers = { authorization: 'Bearer tok-4711', 'x-api-key': 'sk_live_x', connection: 'close' }
  await fetch(`http://127.0.0.1:${port}/?password=hunter2`, { headers })
  await new Promise((done) => server.close(done))
  t.match(linesIn(dir), [
    { req: { method: 'GET' }, err: { message: 'password=[Filtered]', cause: { code: 'E_STOCK' } } },
  ])
  for (const secret of SECRETS) t.notOk(textIn(dir, 'app').includes(secret), secret)
})

t.test('what is logged', async (t) => {
  t.test('says the service, and keeps what is no secret as it is', async (t) => {
    const dir = newFolder()
    fileLogger(dir).info(
      { count: 3, at: new Date(0), email: 'ann@shop.example', list: [null, true] },
      'hello',
    )
    const [line] = linesIn(dir)
    t.match(line, {
      level: 30,
      service: 'orders',
      pid: process.pid,
      hostname: String,
      time: Number,
      count: 3,
      at: '1970-01-01T00:00:00.000Z',
      email: 'ann@shop.example',
      list: [null, true],
      msg: 'hello',
    })
  })

  t.test('keeps numbers that JavaScript would round, also beside a secret', async (t) => {
    const dir = newFolder()
    const log = fileLogger(dir)
    log.info({
      id: 12345678901234567890n,
      list: [-9007199254740993n, 1e21, 0.1 + 0.2],
      text: ':1234567890123456789,',
    })
    log.info({
      id: 12345678901234567890n,
      password: 'hunter2',
      text: '"\\":9007199254740993,',
      card: 4111111111111111,
    })
    const text = textIn(dir, 'app')
    t.match(
      text,
      '"id":12345678901234567890,"list":[-9007199254740993,1e+21,0.30000000000000004],"text":":1234567890123456789,"',
    )
    t.match(
      text,
      '"id":12345678901234567890,"password":"[Filtered]","text":"\\"\\\\\\":9007199254740993,","card":"[Filtered]"',
    )
    log.info({ id: 12345678901234567890n, long: '\\'.repeat(500_000) })
    t.match(linesIn(dir)[2], { long: '\\'.repeat(500_000) }, 'however long a text is')
  })

  t.test('begins at the level', async (t) => {
    for (const [level, least] of [
      ['warning', 40],
      ['fatal', 60],
      ['silent', Number.POSITIVE_INFINITY],
    ] as const) {
      const log = createLogger({ level, console: false })
      t.equal(log.levelVal, least)
    }
  })

  t.test('comes from the environment where the program says nothing', async (t) => {
    const dir = newFolder()
    const env = { LOG_LEVEL: 'warning', FAULTLINE_SERVICE: 'billing', FAULTLINE_LOG_DIR: dir }
    const { out } = await outputOf(`const log = createLogger(); log.info('no'); log.warn('yes')`, env)
    t.match(JSON.parse(out), { level: 40, service: 'billing', msg: 'yes' })
    t.match(linesIn(dir), [{ msg: 'yes' }])
  })
})

t.test('files', async (t) => {
  t.test('one has everything, one the errors', async (t) => {
    const dir = join(newFolder(), 'made/for/it')
    const log = fileLogger(dir)
    log.trace('a')
    log.warn('b')
    log.error('c')
    log.fatal('d')
    t.strictSame(
      linesIn(dir).map(({ msg }) => msg),
      ['a', 'b', 'c', 'd'],
    )
    t.strictSame(
      linesIn(dir, 'error').map(({ msg }) => msg),
      ['c', 'd'],
    )
    t.match(readdirSync(dir).sort(), [/^app\.\d{4}-\d\d-\d\d\.1\.log$/, /^error\.\d{4}-\d\d-\d\d\.1\.log$/])
  })

  t.test('a full one is followed by the next, and the oldest go', async (t) => {
    const dir = newFolder()
    const log = fileLogger(dir, { fileBytes: 2048, keepFiles: 3 })
    const appFiles = () => readdirSync(dir).filter((file) => file.startsWith('app.'))
    const last = () => Math.max(...appFiles().map((file) => Number(file.split('.')[2])))
    let count = 0
    while (last() < 6 || appFiles().length !== 3) {
      log.info({ count: count++, padding: 'x'.repeat(200) })
      await new Promise((done) => setImmediate(done))
    }
    const counts = linesIn(dir).map((line) => line.count as number)
    t.strictSame(
      counts.sort((a, b) => a - b),
      Array.from({ length: counts.length }, (_, i) => count - counts.length + i),
      'no line is lost between two files',
    )
  })

  const ends = {
    'process.exit': 'process.exit(1)',
    'an uncaught error': `throw new Error('crash')`,
    'kill -9': `process.kill(process.pid, 'SIGKILL')`,
  }
  for (const [how, end] of Object.entries(ends)) {
    t.test(`no line is lost by ${how} at once`, async (t) => {
      const dir = newFolder()
      const { code, signal } = await outputOf(`
        const log = createLogger({ dir: ${JSON.stringify(dir)}, console: false })
        for (let i = 0; i < 500; i++) log.error({ i })
        ${end}`)
      t.ok(code === 1 || signal === 'SIGKILL')
      for (const kind of ['app', 'error'] as const) t.equal(linesIn(dir, kind).length, 500, kind)
    })

    t.test(`no line is lost by ${how} after some files`, async (t) => {
      const dir = newFolder()
      const { out, code, signal } = await outputOf(`
        import { readdirSync, writeSync } from 'node:fs'
        const dir = ${JSON.stringify(dir)}
        const log = createLogger({ dir, console: false, fileBytes: 10_000, keepFiles: 1000 })
        let count = 0
        while (!readdirSync(dir).some((file) => /^app.*\\.3\\.log$/.test(file))) {
          log.error({ count: count++ })
          await new Promise((done) => setImmediate(done))
        }
        for (let i = 0; i < 500; i++) log.error({ count: count++ })
        writeSync(1, String(count))
        ${end}`)
      t.ok(code === 1 || signal === 'SIGKILL')
      for (const kind of ['app', 'error'] as const) t.equal(linesIn(dir, kind).length, Number(out), kind)
    })
  }

  t.test(
    'a full disk stops nobody, and is told once a file',
    { skip: !existsSync('/dev/full') },
    async (t) => {
      const likely = newFolder()
      fileLogger(likely)
      const dir = newFolder()
      for (const file of readdirSync(likely)) symlinkSync('/dev/full', join(dir, file))
      const { out, err, code } = await outputOf(`
      const log = createLogger({ dir: ${JSON.stringify(dir)}, console: 'json' })
      for (let i = 0; i < 50; i++) log.error({ i })
      setImmediate(() => log.error('last'))`)
      t.equal(code, 0, err)
      t.equal(out.trim().split('\n').length, 51)
      t.equal(
        err.match(/FaultlineWarning: The log file .*\/(app|error) cannot be written: ENOSPC/g)?.length,
        2,
        err,
      )
    },
  )

  t.test('one that cannot be opened is a mistake at the start', async (t) => {
    const file = join(newFolder(), 'file')
    writeFileSync(file, '')
    t.throws(() => createLogger({ dir: file, console: false }), {
      name: 'InvalidConfiguration',
      extensions: {
        mistakes: [`createLogger: dir cannot be a folder, for ${file} is a file: name another folder`],
      },
    })
    const likely = newFolder()
    fileLogger(likely)
    const dir = newFolder()
    for (const name of readdirSync(likely)) mkdirSync(join(dir, name))
    t.throws(() => createLogger({ dir, console: false }), {
      name: 'InvalidConfiguration',
      message: /- createLogger: dir cannot be used: EISDIR.*; name a folder that can be written/,
    })
  })
})

t.test('all mistakes in the options are in one error', async (t) => {
  const options = {
    level: 'loud',
    console: 'yes',
    fileBytes: 10,
    keepFiles: 0,
    redact: { key: [] },
    dirs: 'x',
  }
  const refused = t.throws(() => createLogger(options as unknown as LoggerOptions))
  t.match(refused, {
    extensions: {
      mistakes: [
        'createLogger: level must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
        'createLogger: console must be true, false, pretty or json',
        'createLogger: fileBytes must be a whole number from 1024',
        'createLogger: keepFiles must be a whole number from 1',
        /^createLogger: redact/,
        /^createLogger: dirs is no option/,
      ],
    },
  })
})
