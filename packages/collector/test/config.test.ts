import { join } from 'node:path'
import { ConfigMistakes, loadConfig } from '@faultline/collector'
import t, { type Test } from 'tap'

const env = {}

t.test('without anything, the defaults', async (t) => {
  t.strictSame(loadConfig({ env, folder: t.testdir() }), {
    host: '0.0.0.0',
    port: 8600,
    data: './faultline-data',
    trustProxy: false,
    logLevel: 'info',
    bodyLimitBytes: 10_485_760,
    rateLimit: 60_000,
    queueLimitBytes: 1_073_741_824,
    minFreeDiskBytes: 268_435_456,
    memoryLimitBytes: 1_073_741_824,
    retentionDays: 90,
    scrub: { keys: [], paths: [], except: [], emails: 'keep', ips: 'keep' },
    severityRules: [],
  })
})

t.test('the command line wins over the environment, and that over the file', async (t) => {
  const folder = t.testdir({
    'faultline.config.yaml': 'port: 1\nhost: file\ndata: /file\nscrub:\n  emails: drop\n  ips: drop\n',
  })
  const config = loadConfig({
    folder,
    env: { FAULTLINE_HOST: 'environment', FAULTLINE_DATA: '/environment', FAULTLINE_SCRUB_IPS: 'hash' },
    overrides: { data: '/command-line', logLevel: undefined },
  })
  const { port, host, data, scrub, logLevel } = config
  t.match({ port, host, data }, { port: 1, host: 'environment', data: '/command-line' })
  t.match(scrub, { emails: 'drop', ips: 'hash', keys: [] }, 'key by key, also inside of an object')
  t.equal(logLevel, 'info', 'what is not given counts as nothing')
})

t.test('every key can be a variable, each read as what it is', async (t) => {
  const config = loadConfig({
    folder: t.testdir(),
    env: {
      FAULTLINE_PORT: ' 9000 ',
      FAULTLINE_PUBLIC_URL: 'https://errors.example/base',
      FAULTLINE_TRUST_PROXY: '127.0.0.1, fd00::/8',
      FAULTLINE_LOG_LEVEL: 'silent',
      FAULTLINE_BODY_LIMIT_BYTES: '2MiB',
      FAULTLINE_RATE_LIMIT: 'off',
      FAULTLINE_QUEUE_LIMIT_BYTES: '1.5 GB',
      FAULTLINE_MIN_FREE_DISK_BYTES: '0',
      FAULTLINE_SCRUB_KEYS: 'pin, iban ,',
      FAULTLINE_SCRUB_PATHS: '["user.id", "tags.*"]',
      FAULTLINE_SCRUB_EMAILS: 'hash',
      FAULTLINE_SEVERITY_RULES: '[{"severity": "low", "statusFrom": 500}]',
      FAULTLINE_HOST: '',
      FAULTLINE_DSN: 'that of a service',
      FAULTLINE_SERVICE: 'a service',
      FAULTLINE_TOKEN: 'flt_x',
      OTHER: 'not ours',
    },
  })
  t.match(config, {
    port: 9000,
    publicUrl: 'https://errors.example/base',
    trustProxy: '127.0.0.1, fd00::/8',
    logLevel: 'silent',
    bodyLimitBytes: 2_097_152,
    rateLimit: 'off',
    queueLimitBytes: 1_500_000_000,
    minFreeDiskBytes: 0,
    scrub: { keys: ['pin', 'iban'], paths: ['user.id', 'tags.*'], emails: 'hash' },
    severityRules: [{ severity: 'low', statusFrom: 500 }],
    host: '0.0.0.0',
  })
  const trust = (text: string) =>
    loadConfig({ folder: t.testdir(), env: { FAULTLINE_TRUST_PROXY: text } }).trustProxy
  t.strictSame([trust('yes'), trust('false'), trust('10.0.0.0/8')], [true, false, '10.0.0.0/8'])
})

t.test(
  'the links that Kubernetes makes for a service called faultline are nobody’s configuration',
  async (t) => {
    const links = {
      FAULTLINE_PORT: 'tcp://10.0.0.1:8600',
      FAULTLINE_SERVICE_HOST: '10.0.0.1',
      FAULTLINE_SERVICE_PORT: '8600',
      FAULTLINE_SERVICE_PORT_HTTP: '8600',
      FAULTLINE_PORT_8600_TCP: 'tcp://10.0.0.1:8600',
      FAULTLINE_PORT_8600_TCP_ADDR: '10.0.0.1',
    }
    t.equal(loadConfig({ folder: t.testdir(), env: links }).port, 8600)
  },
)

t.test('an address that DSNs could not name is a mistake, and so is a proxy that is none', async (t) => {
  const read = (env: Record<string, string>) => loadConfig({ env, folder: t.testdirName })
  for (const publicUrl of [
    'https://errors.example',
    'https://errors.example/',
    'http://[::1]:8600/base/',
    'https://xn--fhler-kva.example:8443/a/b',
  ])
    t.equal(read({ FAULTLINE_PUBLIC_URL: publicUrl }).publicUrl, publicUrl)
  for (const publicUrl of [
    'errors.example',
    'ftp://errors.example',
    'https://me:secret@errors.example',
    'https://errors.example/?key=1',
    'https://errors.example/#top',
    'https://errors.example:99999',
    'https://errors example',
    'https://',
  ])
    t.match(mistakesOf(t, { env: { FAULTLINE_PUBLIC_URL: publicUrl }, folder: t.testdirName }), [
      /^FAULTLINE_PUBLIC_URL must be a URL of http/,
    ])
  for (const trustProxy of ['loopback', '10.0.0.0/8,127.0.0.1', '["::1", "uniquelocal"]', 'yes', 'off'])
    t.doesNotThrow(() => read({ FAULTLINE_TRUST_PROXY: trustProxy }), trustProxy)
  for (const trustProxy of [
    '1',
    'proxy.example',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.1,',
    '["::1/0"]',
    '[1]',
    '[]',
  ])
    t.match(mistakesOf(t, { env: { FAULTLINE_TRUST_PROXY: trustProxy }, folder: t.testdirName }), [
      /^FAULTLINE_TRUST_PROXY must be true, false, or addresses of proxies such as /,
    ])
})

t.test('a certificate without its key is told with the other mistakes', async (t) => {
  t.strictSame(
    mistakesOf(t, { env: { FAULTLINE_TLS_CERT: 'a.pem', FAULTLINE_PORT: 'x' }, folder: t.testdir() }),
    [
      'FAULTLINE_PORT must be a port from 0 to 65535, not "x"',
      'tlsCert needs tlsKey beside it: name both, or neither',
    ],
  )
})

t.test('a queue that could never take the largest body is a mistake', async (t) => {
  const env = { FAULTLINE_QUEUE_LIMIT_BYTES: '1MiB', FAULTLINE_BODY_LIMIT_BYTES: '2MiB' }
  t.strictSame(mistakesOf(t, { env, folder: t.testdir() }), [
    'queueLimitBytes (1048576) is less than bodyLimitBytes (2097152): the queue could never take the largest body',
  ])
})

t.test('all mistakes are in one error, whatever they come from', async (t) => {
  const folder = t.testdir({
    'faultline.config.json': JSON.stringify({
      prot: 1,
      host: 7,
      rateLimit: 'fast',
      bodyLimitBytes: '1 apple',
      scrub: { email: 'drop' },
      severityRules: [{ severity: 'low' }, { severty: 'low', level: 3 }],
    }),
  })
  const mistakes = mistakesOf(t, {
    folder,
    env: {
      FAULTLINE_RATE_LIMITS: 'off',
      FAULTLINE_SCRUB_IPS: 'shred',
      FAULTLINE_NONSENSE: '1',
      FAULTLINE_SCRUB_KEYS: '[1]',
    },
    overrides: { port: '65536' },
  })
  t.strictSame(mistakes, [
    'prot is unknown: did you mean port?',
    'host must be a host name or an IP address, not 7',
    'rateLimit must be a whole number from 1, or off, not "fast"',
    'bodyLimitBytes must be bytes from 1024, as a whole number or as 256MiB, not "1 apple"',
    'scrub.email is unknown: did you mean emails?',
    'severityRules[1].severity is missing',
    'severityRules[1].severty is unknown: did you mean severity?',
    'severityRules[1].level must be one of fatal, error, warning, info, debug, not 3',
    'FAULTLINE_RATE_LIMITS is unknown: did you mean FAULTLINE_RATE_LIMIT?',
    'FAULTLINE_SCRUB_IPS must be one of keep, drop, hash, not "shred"',
    'FAULTLINE_NONSENSE is unknown',
    'FAULTLINE_SCRUB_KEYS[0] must be a text, not 1',
    '--port must be a port from 0 to 65535, not 65536',
  ])
})

t.test('a file that cannot be read says where and why', async (t) => {
  const folder = t.testdir({
    'broken.yaml': 'port: 1\nscrub: {\nhost: x\n',
    'broken.json': '{\n  "port": 1,\n  oops\n}',
    'list.yaml': '- port\n',
    'empty.yml': '# nothing yet\n',
    'sizes.yaml': 'queueLimitBytes: 2 GiB\ntrustProxy: 10.0.0.1\n',
    both: { 'faultline.config.json': '{}', 'faultline.config.yml': '' },
  })
  const mistakesIn = (name: string) => mistakesOf(t, { file: join(folder, name), env, folder }).join('; ')
  t.match(mistakesIn('broken.yaml'), /broken\.yaml, line [2-4]: \w/)
  t.match(mistakesIn('broken.json'), /broken\.json is no JSON: .*line 3/)
  t.match(mistakesIn('list.yaml'), /list\.yaml must hold an object/)
  t.match(mistakesIn('missing.yaml'), /missing\.yaml cannot be read: there is no such file/)
  t.strictSame(mistakesOf(t, { env, folder: join(folder, 'both') }), [
    'faultline.config.json and faultline.config.yml are both there: keep one of them',
  ])
  t.equal(loadConfig({ file: join(folder, 'empty.yml'), env, folder }).port, 8600)
  t.match(loadConfig({ file: join(folder, 'sizes.yaml'), env, folder }), {
    queueLimitBytes: 2_147_483_648,
    trustProxy: '10.0.0.1',
  })
})

t.test('names that mean something in JavaScript are unknown names', async (t) => {
  const folder = t.testdir({ 'faultline.config.json': '{"__proto__": {"port": 1}, "constructor": 1}' })
  t.strictSame(mistakesOf(t, { env, folder }), ['__proto__ is unknown', 'constructor is unknown'])
})

function mistakesOf(t: Test, sources: Parameters<typeof loadConfig>[0]): readonly string[] {
  try {
    loadConfig(sources)
  } catch (error) {
    if (error instanceof ConfigMistakes) return error.mistakes
    throw error
  }
  t.fail('it was taken')
  return []
}
