import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startCollector } from '../../../test/fakes/collector.js'
import { loadConfig } from '../src/config/load-config.js'
import { nodeErrors } from '../src/errors.js'
import { outputOf } from './program-output.js'

const key = '0123456789abcdef0123456789abcdef'
const dsn = `https://${key}@collector.example/7`
const defaults = { enabled: true, environment: 'production', debug: false, logLevel: 'info' }

/** The mistakes of an environment. */
function mistakesOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (error instanceof nodeErrors.InvalidConfiguration) return error.extensions.mistakes
    throw error
  }
}

t.test('loadConfig', async (t) => {
  t.test('nothing need be set', async (t) => {
    t.strictSame(loadConfig({}), defaults)
    t.strictSame(
      loadConfig({ FAULTLINE_DSN: '', FAULTLINE_ENABLED: ' ', LOG_LEVEL: '' }),
      defaults,
      'empty is not set',
    )
  })

  t.test('every variable has its place', async (t) => {
    const folder = t.testdir()
    t.strictSame(
      loadConfig({
        FAULTLINE_DSN: dsn,
        FAULTLINE_ENABLED: 'yes',
        FAULTLINE_SERVICE: ' orders ',
        FAULTLINE_ENVIRONMENT: 'staging',
        FAULTLINE_RELEASE: '1.4.2',
        FAULTLINE_COMMIT: 'c0ffee',
        FAULTLINE_DEBUG: 'on',
        FAULTLINE_SPOOL_DIR: join(folder, 'spool'),
        FAULTLINE_LOG_DIR: join(folder, 'log'),
        LOG_LEVEL: 'debug',
        NODE_ENV: 'test',
      }),
      {
        dsn,
        enabled: true,
        service: 'orders',
        environment: 'staging',
        release: '1.4.2',
        commit: 'c0ffee',
        debug: true,
        spoolDir: join(folder, 'spool'),
        logDir: join(folder, 'log'),
        logLevel: 'debug',
      },
    )
    t.notOk(existsSync(join(folder, 'log')), 'reading makes no folder')
  })

  t.test('NODE_ENV names the environment where nothing else does', async (t) => {
    t.equal(loadConfig({ NODE_ENV: 'test' }).environment, 'test')
    t.equal(loadConfig({ NODE_ENV: 'test', FAULTLINE_ENVIRONMENT: 'canary' }).environment, 'canary')
  })

  t.test('a flag may be said in eight ways, in any case', async (t) => {
    for (const yes of ['true', 'TRUE', 'yes', 'on', '1'])
      t.equal(loadConfig({ FAULTLINE_DEBUG: yes }).debug, true)
    for (const no of ['false', 'No', 'off', '0']) {
      t.equal(loadConfig({ FAULTLINE_ENABLED: no }).enabled, false)
      t.equal(loadConfig({ FAULTLINE_ENABLED: no, FAULTLINE_DSN: 'changeme' }).dsn, undefined, 'with any DSN')
    }
    t.strictSame(mistakesOf({ FAULTLINE_DEBUG: 'constructor' }).length, 1)
  })

  t.test('a level may have the wire’s name, and any case', async (t) => {
    t.equal(loadConfig({ LOG_LEVEL: 'warning' }).logLevel, 'warn')
    t.equal(loadConfig({ LOG_LEVEL: 'SILENT' }).logLevel, 'silent')
  })

  t.test('all mistakes are in one error, each with its variable and its cure', async (t) => {
    const folder = t.testdir({ file: 'x' })
    const file = join(folder, 'file')
    t.strictSame(
      mistakesOf({
        FAULTLINE_DSN: 'https://collector.example/7',
        FAULTLINE_ENABLED: 'perhaps',
        FAULTLINE_SPOOL_DIR: file,
        FAULTLINE_LOG_DIR: join(file, 'log'),
        FAULTLINE_SPOOLDIR: '/tmp',
        LOG_LEVEL: 'loud',
      }),
      [
        'FAULTLINE_SPOOLDIR is unknown: did you mean FAULTLINE_SPOOL_DIR?',
        'FAULTLINE_DSN has no public key of 32 hexadecimal digits: it has the form http(s)://<publicKey>@host[:port][/prefix]/<projectId>',
        'FAULTLINE_ENABLED must be true or false (also yes, no, on, off, 1, 0), not "perhaps"',
        `FAULTLINE_SPOOL_DIR cannot be a folder, for ${file} is a file: name another folder`,
        `FAULTLINE_LOG_DIR cannot be a folder, for ${file} is a file: name another folder`,
        'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
      ],
    )
    t.throws(() => loadConfig({ LOG_LEVEL: 'loud' }), {
      name: 'InvalidConfiguration',
      message: /LOG_LEVEL must/,
    })
  })

  t.test('a secret is not repeated, whatever variable it is in', async (t) => {
    for (const mistaken of [
      `ftp://${key}@host/1`,
      `https://${key}@host/orders`,
      `${key}@host/1`,
      `https://${key}0@host/1`,
    ]) {
      const mistakes = mistakesOf({ FAULTLINE_DSN: mistaken })
      t.equal(mistakes.length, 1, mistaken)
      t.notMatch(mistakes[0], key)
      t.notMatch(mistakes[0], 'host/')
    }
    t.notMatch(mistakesOf({ LOG_LEVEL: 'password=hunter2' })[0], 'hunter2')
  })

  t.test('a misspelt variable is a mistake, another one with our prefix is not', async (t) => {
    const meant = (name: string) => /did you mean (\w+)\?$/.exec(mistakesOf({ [name]: 'x' })[0] ?? '')?.[1]
    t.equal(meant('FAULTLINE_DNS'), 'FAULTLINE_DSN')
    t.equal(meant('FAULTLINE_ENVIROMENT'), 'FAULTLINE_ENVIRONMENT')
    t.equal(meant('FAULTLINE_ENABLE'), 'FAULTLINE_ENABLED')
    t.equal(meant('FAULTLINE_LOG_LEVEL'), 'LOG_LEVEL')
    for (const other of [
      'FAULTLINE_PORT',
      'FAULTLINE_DB',
      'FAULTLINE_DATA_DIR',
      'FAULTLINE_RATE_LIMIT',
      'LOG_LEVELS',
    ])
      t.equal(meant(other), undefined, other)
  })

  t.test('a folder that is only unusual is none of its business', async (t) => {
    const folder = t.testdir()
    const spoolDir = join(folder, 'read-only')
    mkdirSync(spoolDir, { mode: 0o500 })
    t.strictSame(mistakesOf({ FAULTLINE_SPOOL_DIR: spoolDir }), [])
    t.strictSame(mistakesOf({ FAULTLINE_LOG_DIR: join(folder, 'a/b/c') }), [], 'it can be made')
  })

  t.test(
    'a log folder that cannot be written is a mistake',
    { skip: process.getuid?.() === 0 && 'root may write' },
    async (t) => {
      const folder = join(t.testdir(), 'read-only')
      mkdirSync(folder, { mode: 0o500 })
      t.match(mistakesOf({ FAULTLINE_LOG_DIR: folder }), [
        /^FAULTLINE_LOG_DIR cannot be written \(EACCES\): let/,
      ])
      t.match(mistakesOf({ FAULTLINE_LOG_DIR: `${folder}/log` }), [
        /^FAULTLINE_LOG_DIR cannot be made in .*read-only \(EACCES\): let/,
      ])
    },
  )
})

/** The records on the console of a program, without what is the same in all. */
function recordsIn(out: string): Record<string, unknown>[] {
  const lines = out.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line))
}

t.test('startFaultline', async (t) => {
  t.test('logs, catches what nobody does, and reports it, all from the environment', async (t) => {
    const collector = await startCollector()
    t.teardown(() => collector.stop())
    const dir = join(t.testdir(), 'log')
    const { out, err, code } = await outputOf(
      `const { logger } = startFaultline(); logger.warn('begun'); setTimeout(() => { throw new TypeError('crash') })`,
      {
        FAULTLINE_DSN: collector.dsn,
        FAULTLINE_SERVICE: 'orders',
        FAULTLINE_LOG_DIR: dir,
        LOG_LEVEL: 'warn',
      },
    )
    t.equal(code, 1)
    t.match(err, /TypeError: crash/)
    t.match(recordsIn(out), [
      { level: 40, service: 'orders', msg: 'begun' },
      { level: 60, service: 'orders', err: { type: 'TypeError', message: 'crash' } },
    ])
    t.match(collector.events, [
      { service: 'orders', mechanism: 'process', exceptions: [{ type: 'TypeError', message: 'crash' }] },
    ])
    const [errorFile = ''] = readdirSync(dir).filter((file) => file.startsWith('error.'))
    t.match(recordsIn(readFileSync(join(dir, errorFile), 'utf8')), [{ err: { message: 'crash' } }])
  })

  const nothing = `
    const state = () => [...process.eventNames().flatMap((name) => process.listeners(name)), ...process.getActiveResourcesInfo()].length
    const before = state()
    const { reporter, logger, close } = startFaultline()
    const more = state() - before
    reporter.report({})
    logger.info({ flushed: await reporter.flush(), more }, 'asked')
    logger.info({ closed: await close() })`

  t.test('without a DSN it logs, says so once, and does nothing else', async (t) => {
    const { out, code } = await outputOf(nothing)
    t.equal(code, 0)
    const [first, asked, closed, ...more] = recordsIn(out)
    t.match(first, { level: 40, msg: /FAULTLINE_DSN is not set/ })
    t.match(asked, { flushed: true, more: 0 })
    t.match(closed, { closed: true })
    t.strictSame(more, [])
  })

  t.test('switched off it only logs, whatever the DSN, and does not mention it', async (t) => {
    const { out, code } = await outputOf(nothing, { FAULTLINE_ENABLED: 'false', FAULTLINE_DSN: dsn })
    t.equal(code, 0)
    const [asked, closed, ...more] = recordsIn(out)
    t.match(asked, { flushed: true, more: 0 })
    t.match(closed, { closed: true })
    t.strictSame(more, [])
  })

  t.test('the program has the last word over the environment', async (t) => {
    const { out } = await outputOf(
      `const { config, logger } = startFaultline({ enabled: false, service: 'billing', logLevel: 'debug', logger: { redact: { keys: ['plan'] } } })
       logger.debug({ config, plan: 'gold' })`,
      { FAULTLINE_DSN: dsn, FAULTLINE_SERVICE: 'orders', LOG_LEVEL: 'error' },
    )
    t.match(recordsIn(out), [
      {
        service: 'billing',
        plan: '[Filtered]',
        config: { enabled: false, service: 'billing', logLevel: 'debug' },
      },
    ])
  })

  t.test('close sends what waits and takes the hooks out; with debug the log says how it went', async (t) => {
    const collector = await startCollector()
    t.teardown(() => collector.stop())
    const { out, err } = await outputOf(
      `const { close, logger } = startFaultline({ debug: true })
       const during = process.listenerCount('uncaughtException')
       logger.info({ closed: await close(), during, after: process.listenerCount('uncaughtException') })`,
      { FAULTLINE_DSN: collector.dsn },
    )
    t.equal(err, '')
    t.match(recordsIn(out), [
      { msg: 'Faultline is set up.', config: { hasDsn: true, environment: 'production' } },
      { msg: 'Faultline is closed.', stats: { reported: 0 } },
      { closed: true, during: 1, after: 0 },
    ])
    t.notMatch(out, '0123456789abcdef')
  })

  t.test('all mistakes of environment and options are in one error, and nothing is begun', async (t) => {
    const folder = join(t.testdir(), 'log')
    const { out } = await outputOf(
      `try {
        startFaultline({
          environment: 7,
          loger: {},
          logger: { console: 'loud' },
          reporter: { sampleRate: 2 },
          processErrors: { exitCode: 'x' },
        })
      } catch ({ name, extensions }) {
        console.log(JSON.stringify({ name, ...extensions, listeners: process.listenerCount('uncaughtException') }))
      }`,
      { FAULTLINE_DSN: dsn, FAULTLINE_DEBUG: 'perhaps', LOG_LEVEL: 'loud', FAULTLINE_LOG_DIR: folder },
    )
    t.match(recordsIn(out), [
      {
        name: 'InvalidConfiguration',
        mistakes: [
          /^startFaultline: environment must be a text, not number$/,
          /^FAULTLINE_DEBUG must be true or false/,
          /^LOG_LEVEL must be one of/,
          /^startFaultline: loger is no option; the options are dsn/,
          /^createLogger: console must be/,
          /^createReporter: sampleRate must be/,
          /^catchProcessErrors: exitCode must be/,
        ],
        listeners: 0,
      },
    ])
    t.notOk(existsSync(folder))
  })
})
