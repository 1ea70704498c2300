import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { eventMistakes, truncateEvent } from '@faultline/protocol'
import t from 'tap'
import { seededRandom } from '../../../core/test/seeded-random.js'
import { enrich } from '../../src/digest/enrich/enrich.js'
import { mendText } from '../../src/digest/normalise/mend-text.js'
import { normaliseSentry } from '../../src/digest/normalise/normalise-sentry.js'
import { spoilt } from './spoilt.js'

const CAPTURES = 'test/golden/captures'
const context = { receivedAt: Date.parse('2026-11-23T11:00:00Z'), ip: '198.51.100.7' }
const HOSTILE_RUNS = 3000

t.test('what real clients have sent becomes the events of the golden documents', async (t) => {
  for (const folder of readdirSync(CAPTURES))
    for (const name of readdirSync(`${CAPTURES}/${folder}`).filter((name) => name.endsWith('.event.json'))) {
      const event = enrich(normaliseSentry(payloadOf(`${CAPTURES}/${folder}`, name), context), context)
      t.strictSame(plain(event), JSON.parse(readFileSync(`${CAPTURES}/${folder}/${name}`, 'utf8')), name)
      t.strictSame(eventMistakes(event), [], name)
    }
})

t.test('times', async (t) => {
  const occurredAt = (timestamp: unknown) => normaliseSentry({ timestamp }, context).occurredAt
  const times: [unknown, string][] = [
    [1795430850.57, '2026-11-23T10:47:30.570Z'],
    [1795430850570, '2026-11-23T10:47:30.570Z'],
    ['1795430850.57', '2026-11-23T10:47:30.570Z'],
    ['2026-11-23T10:45:14.029397Z', '2026-11-23T10:45:14.029Z'],
    ['2026-11-23T10:45:14.029397123', '2026-11-23T10:45:14.029Z'],
    ['2026-11-23T12:45:14+02:00', '2026-11-23T10:45:14.000Z'],
    ['2026-11-23 10:45:14', '2026-11-23T10:45:14.000Z'],
    ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00.000Z'],
  ]
  for (const [said, at] of times) t.equal(occurredAt(said), at, String(said))
  for (const said of [
    '2026-11-24T12:00:00Z',
    'yesterday',
    '2026-99-99T00:00:00Z',
    -1e300,
    1e300,
    {},
    '9'.repeat(49),
  ])
    t.equal(occurredAt(said), '2026-11-23T11:00:00.000Z', 'received')
  t.equal(
    normaliseSentry({ timestamp: 'yesterday' }, context).extra?.clientTime,
    'yesterday',
    'and it is kept',
  )
})

t.test('levels', async (t) => {
  const levelOf = (level: unknown) => normaliseSentry({ level }, context).level
  for (const level of ['fatal', 'critical', 'EMERGENCY', 50, '50', 60]) t.equal(levelOf(level), 'fatal')
  for (const level of ['warn', 'Warning', 30]) t.equal(levelOf(level), 'warning')
  for (const level of ['log', 'notice', 20]) t.equal(levelOf(level), 'info')
  for (const level of ['trace', 10]) t.equal(levelOf(level), 'debug')
  for (const level of [undefined, 'constructor', null, {}, -1]) t.equal(levelOf(level), 'error')
})

t.test('messages', async (t) => {
  const messageOf = (said: object) => normaliseSentry(said, context).message
  t.equal(messageOf({ logentry: { formatted: 'a 1', message: 'a %s', params: [1] } }), 'a 1')
  t.equal(
    messageOf({ logentry: { message: '%s of %(x)s {} %d%%', params: [1, 'two', 3] } }),
    '1 of two 3 %d%',
  )
  t.equal(messageOf({ logentry: { message: '%(who)s has {n}', params: { who: 'jo', n: 2 } } }), 'jo has 2')
  t.equal(messageOf({ message: { message: 'x {0}', params: [null] } }), 'x null')
  t.equal(messageOf({ message: 'plain %s', logentry: {} }), 'plain %s')
  t.equal(messageOf({ logentry: 'old' }), 'old')
  const bomb = {
    message: '%s'.repeat(500_000),
    params: Array.from({ length: 10_000 }, () => 'x'.repeat(2000)),
  }
  t.equal(messageOf({ logentry: bomb })?.length, 16_384)
})

t.test('exceptions, wherever their stack is', async (t) => {
  const exceptionsOf = (said: object) => normaliseSentry(said, context).exceptions
  const stacktrace = { frames: [{ function: 'old' }, null, 7, { function: 'new', lineno: '12', colno: -1 }] }
  const frames = [
    { function: 'new', line: 12, inApp: true },
    { function: 'old', inApp: true },
  ]
  t.strictSame(exceptionsOf({ exception: { type: 'A', value: 'b', stacktrace } }), [
    { type: 'A', message: 'b', frames },
  ])
  t.strictSame(exceptionsOf({ exception: { values: [null, {}, { value: 'TypeError: x' }] } }), [
    { type: 'TypeError', message: 'x', frames: [] },
  ])
  t.strictSame(exceptionsOf({ message: 'm', stacktrace }), [{ type: '', message: 'm', frames }])
  t.strictSame(
    exceptionsOf({
      exception: [{ type: 'A', thread_id: 2 }],
      threads: {
        values: [
          { id: 1, current: true },
          { id: 2, stacktrace },
        ],
      },
    }),
    [{ type: 'A', message: '', frames }],
  )
  const [cause, thrown] = ['generic', 'generic'].map((type, at) => ({
    type: `T${at}`,
    mechanism: { type, exception_id: at, is_exception_group: true, ...(at > 0 && { parent_id: at - 1 }) },
  }))
  t.strictSame(
    exceptionsOf({ exception: [cause, thrown] }).map(({ type, parent }) => [type, parent]),
    [
      ['T1', undefined],
      ['T0', undefined],
    ],
    'ids that are counted from the wrong end, as by some versions of sentry-go, are no parents',
  )
})

t.test('files of scripts lose what bundlers put around them', async (t) => {
  const files = {
    'file:///srv/a%20b.js': '/srv/a%20b.js',
    'app:///src/a.js?x=1': 'src/a.js',
    'webpack:///./src/a.vue?ab12': 'src/a.vue',
    'webpack://shop/./src/a.js': 'src/a.js',
    'webpack-internal:///(rsc)/./src/a.js': '(rsc)/./src/a.js',
    'https://shop.example/a.js?v=2#x': 'https://shop.example/a.js',
    'node:fs': 'node:fs',
    'C:\\shop\\a.js': 'C:\\shop\\a.js',
    '?': '?',
  }
  for (const [filename, file] of Object.entries(files)) {
    const said = { platform: 'node', exception: [{ stacktrace: { frames: [{ filename }] } }] }
    t.equal(normaliseSentry(said, context).exceptions[0]?.frames[0]?.file, file, filename)
  }
})

t.test(
  'what is built into an engine is no code of the service, whatever a browser’s client says',
  async (t) => {
    const filenames = ['<anonymous>', '[native code]', 'native', 'index 0', 'https://shop.example/map.js']
    const frames = filenames.map((filename) => ({ filename, function: 'Array.map', in_app: true }))
    const exception = { values: [{ type: 'TypeError', value: 'x', stacktrace: { frames } }] }
    const { exceptions } = normaliseSentry({ platform: 'javascript', exception }, { receivedAt: 0 })
    t.strictSame(exceptions[0]?.frames.map(({ inApp }) => inApp).reverse(), [
      false,
      false,
      false,
      false,
      true,
    ])
  },
)

t.test('a transaction loses the query of a URL, and a name keeps its question mark', async (t) => {
  const transactionOf = (transaction: string, source?: string) =>
    normaliseSentry({ transaction, transaction_info: { source } }, context)
  for (const name of ['Users#empty?', 'Is it ready? yes', 'rake db:seed?x'])
    for (const source of [undefined, 'custom', 'route', 'task'])
      t.equal(transactionOf(name, source).tags?.transaction, name)
  t.equal(transactionOf('https://shop.example/a?b=c', 'url').tags?.transaction, 'https://shop.example/a')
  t.equal(transactionOf('GET /a?b=c', 'custom').tags?.transaction, 'GET /a')
  t.match(transactionOf('GET /a?b=c').request, { method: 'GET', route: '/a' })
  t.equal(transactionOf('?b=c', 'url').tags, undefined)
})

t.test('who noticed it', async (t) => {
  const mechanismOf = (type: string, handled?: boolean) => {
    const said = {
      exception: {
        values: [
          { type: 'A', mechanism: { type: 'chained', handled: true } },
          { type: 'B', mechanism: { type, handled } },
        ],
      },
    }
    return normaliseSentry(said, context).mechanism
  }
  const types = {
    http: [
      'auto.http.express',
      'django',
      'wsgi',
      'SentryMiddleware.UnhandledException',
      'aws_lambda',
      'rack',
    ],
    process: [
      'onuncaughtexception',
      'auto.node.onunhandledrejection',
      'excepthook',
      'onerror',
      'UncaughtExceptionHandler',
      'auto.browser.global_handlers.onerror',
      'threading',
    ],
    log: ['logging', 'auto.core.capture_console', 'logrus', 'monolog'],
    manual: ['generic', 'auto.function.trpc', 'celery', 'constructor', 'x'.repeat(100_000)],
  }
  for (const [mechanism, names] of Object.entries(types))
    for (const name of names) t.equal(mechanismOf(name), mechanism, name.slice(0, 50))

  const handledOf = (mechanism: object) =>
    normaliseSentry({ exception: [{ type: 'A', mechanism }] }, context).handled
  t.equal(handledOf({ type: 'generic' }), true)
  t.equal(handledOf({ type: 'generic', handled: false }), false)
  t.equal(handledOf({ type: 'excepthook' }), false)
  t.equal(handledOf({ type: 'excepthook', handled: true }), true)
})

t.test('our own client’s events in Sentry’s words lose nothing', async (t) => {
  const event = normaliseSentry(
    {
      sdk: { name: 'faultline.node', version: '0.1.0' },
      tags: { service: 'orders', severity: 'high', tenant: 'acme', region: 'eu' },
      contexts: {
        problem: { type: 'about:blank', title: 'Gone', status: 410, runbook: 'https://wiki.example' },
      },
      exception: {
        values: [
          { type: 'E', value: 'x', mechanism: { type: 'guard', handled: true, data: { a: 1, code: 'E1' } } },
        ],
      },
    },
    context,
  )
  t.match(event, { service: 'orders', severity: 'high', tenant: 'acme', mechanism: 'guard', handled: true })
  t.strictSame(event.tags, { region: 'eu' })
  t.strictSame(plain(event.problem), {
    type: 'about:blank',
    title: 'Gone',
    status: 410,
    runbook: 'https://wiki.example',
  })
  t.strictSame(plain(event.exceptions), [{ type: 'E', message: 'x', code: 'E1', frames: [], meta: { a: 1 } }])
})

t.test('whatever is sent becomes a valid event within its limits', async (t) => {
  const { random: below, seed } = seededRandom()
  const random = () => below(1_000_000) / 1_000_000
  t.comment(`seed ${seed}`)
  const payloads = readdirSync(CAPTURES).flatMap((folder) =>
    readdirSync(`${CAPTURES}/${folder}`)
      .filter((name) => name.endsWith('.event.json'))
      .map((name) => payloadOf(`${CAPTURES}/${folder}`, name)),
  )
  for (let run = 0; run < HOSTILE_RUNS; run++) {
    const payload = spoilt(payloads[run % payloads.length], random) as object
    const event = enrich(normaliseSentry(payload, context), context)
    const mistakes = eventMistakes(event)
    const isFine = mistakes.length === 0 && truncateEvent(event) === event && mendText(event) === event
    if (!isFine) return t.fail(`run ${run}: ${mistakes}`)
  }
  t.equal(({} as { polluted?: unknown }).polluted, undefined)
})

t.test('extremes: deep, long, many', async (t) => {
  const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)
  const many = Array.from({ length: 1000 }, () => ({
    type: 'A',
    value: deep,
    mechanism: deep,
    stacktrace: deep,
  }))
  const frames = Array.from({ length: 5000 }, () => ({ function: 'f', vars: { a: 1 } }))
  for (const payload of [
    { exception: many, extra: deep, tags: deep, request: { data: deep, headers: deep }, contexts: deep },
    { exception: [{ type: 'x'.repeat(1_000_000), value: deep, stacktrace: { frames } }], user: deep },
    { message: '%s{'.repeat(300_000), breadcrumbs: frames, tags: frames.map((_, at) => [`k${at}`, 'v']) },
    {
      ...deep,
      transaction: '/'.repeat(1_000_000),
      timestamp: '1'.repeat(1_000_000),
      level: ' '.repeat(1_000_000),
    },
  ]) {
    const event = normaliseSentry(payload, context)
    t.strictSame(eventMistakes(event), [])
    t.equal(truncateEvent(event), event)
  }
  for (const payload of [null, 1, 'x', [], undefined])
    t.throws(() => normaliseSentry(payload, context), TypeError)
})

/** What a golden event was made of. */
function payloadOf(folder: string, golden: string): object {
  const name = golden.replace('.event.json', '')
  if (folder.endsWith('by-hand')) return JSON.parse(readFileSync(`${folder}/${name}.payload.json`, 'utf8'))
  const body = readFileSync(`${folder}/${name}.body.bin`)
  if (body[0] === 0x1f) return JSON.parse(gunzipSync(body).toString())
  return JSON.parse(body.toString().split('\n')[2] as string)
}

function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value))
}
