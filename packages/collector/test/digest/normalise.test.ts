import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { eventMistakes, truncateEvent } from '@faultline/protocol'
import t from 'tap'
import { seededRandom } from '../../../core/test/seeded-random.js'
import { sampleEvent } from '../../../protocol/test/sample-event.js'
import { enrich } from '../../src/digest/enrich/enrich.js'
import { isFitJson, mendText } from '../../src/digest/normalise/mend-text.js'
import { normaliseSecurityReport } from '../../src/digest/normalise/normalise-security-report.js'
import { normaliseSentry } from '../../src/digest/normalise/normalise-sentry.js'
import { tidyNative } from '../../src/digest/normalise/tidy-native.js'

const CAPTURES = 'test/golden/captures'
const context = { receivedAt: Date.parse('2026-11-23T11:00:00Z'), ip: '198.51.100.7' }
const id = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
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
  const seed = Date.now()
  t.comment(`seed ${seed}`)
  const random = seededRandom(seed)
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
  const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`)
  const many = Array.from({ length: 20_000 }, () => ({
    type: 'A',
    value: deep,
    mechanism: deep,
    stacktrace: deep,
  }))
  const frames = Array.from({ length: 50_000 }, () => ({ function: 'f', vars: { a: 1 } }))
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

t.test('a native event that is as it should be is not copied', async (t) => {
  const event = sampleEvent()
  t.equal(tidyNative(event, context), event)
  t.equal(enrich(event, context), event)
})

t.test('native events are made alike', async (t) => {
  const tidied = tidyNative(
    {
      ...sampleEvent(),
      id: id.replaceAll('-', '').toUpperCase(),
      occurredAt: '2026-11-23t12:00:00.123456+02:00',
    },
    context,
  )
  t.match(tidied, { id, occurredAt: '2026-11-23T10:00:00.123Z' })

  const early = tidyNative(sampleEvent({ occurredAt: '2031-01-01T00:00:00Z' }), context)
  t.equal(early.occurredAt, '2026-11-23T11:00:00.000Z')
  t.equal(early.extra?.clientTime, '2031-01-01T00:00:00Z')

  const said = JSON.parse('{"__proto__":{"polluted":1},"feature":"a","extra":{"feature":"b"}}')
  const odd = tidyNative({ ...sampleEvent(), ...said }, context)
  t.strictSame(Object.entries(odd.extra ?? {}), [
    ['feature', 'b'],
    ['__proto__', { polluted: 1 }],
    ['event.feature', 'a'],
  ])
  t.strictSame(Object.keys(odd).includes('feature'), false)
  t.match(odd.problem, { runbook: 'https://wiki.example/500' }, 'members of members stay')
  t.equal(tidyNative(sampleEvent({ message: 'x'.repeat(20_000) }), context).message?.length, 16_384)
})

t.test('NUL characters and lone surrogates are replaced, in names too', async (t) => {
  const json = String.raw`{"a\u0000":["\ud83d", "\ud83d\ude00", "b\u0000"], "c": "\\u0000", "__proto__": "\udc00"}`
  const mended = mendText(JSON.parse(json))
  t.strictSame(Object.entries(mended), [
    ['a\uFFFD', ['\uFFFD', '😀', 'b\uFFFD']],
    ['c', String.raw`\u0000`],
    ['__proto__', '\uFFFD'],
  ])
  t.equal(isFitJson(Buffer.from(json)), false)
  t.equal(isFitJson(Buffer.from(String.raw`{"a":"\u00e9 é 😀"}`)), true)
})

t.test('what a browser reports by itself', async (t) => {
  const violation = {
    'csp-report': {
      'document-uri': 'https://shop.example/cart?token=1',
      'violated-directive': "script-src-elem 'self'",
      'blocked-uri': 'https://evil.example/x.js?1',
      'source-file': 'https://shop.example/cart?token=1',
      'line-number': 12,
    },
  }
  const event = normaliseSecurityReport(violation, { ...context, eventId: id })
  t.match(event, {
    id,
    level: 'warning',
    exceptions: [{ type: 'CSP', message: "Blocked 'script' from 'evil.example'" }],
    fingerprint: ['CSP', 'script-src-elem', 'evil.example'],
    request: { url: 'https://shop.example/cart' },
  })
  t.strictSame(event.exceptions[0]?.frames, [{ file: 'https://shop.example/cart', inApp: true, line: 12 }])
  const messageOf = (report: object) => normaliseSecurityReport(report, context).exceptions[0]?.message
  const blocked = (uri: string) =>
    messageOf({
      'csp-report': { ...violation['csp-report'], 'effective-directive': 'img-src', 'blocked-uri': uri },
    })
  t.equal(blocked('https://shop.example/a.png'), "Blocked 'image' from 'self'")
  t.equal(blocked('data:image/png;base64,xx'), "Blocked 'image' from 'data:'")
  t.equal(blocked('inline'), "Blocked inline 'image'")
  t.equal(blocked('http://['), "Blocked 'image' from 'http:'")
  const modern = normaliseSecurityReport(
    {
      type: 'csp-violation',
      age: 60_000,
      url: 'https://shop.example/cart?x',
      user_agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
      body: { effectiveDirective: 'connect-src', blockedURL: 'wss://evil.example:8443/', lineNumber: 3 },
    },
    context,
  )
  t.equal(modern.occurredAt, '2026-11-23T10:59:00.000Z')
  t.equal(modern.exceptions[0]?.message, "Blocked 'connect' from 'evil.example:8443'")
  t.strictSame(enrich(modern, context).tags?.browser, 'Firefox 140')
  t.equal(
    messageOf({ 'expect-ct-report': { hostname: 'a.example', port: 443 } }),
    "Expect-CT failed for 'a.example'",
  )
  t.equal(messageOf({ hostname: 'a.example', 'known-pins': [] }), "Public key pinning failed for 'a.example'")
  t.equal(
    messageOf({ type: 'deprecation', body: { id: 'unload', message: 'Unload is gone.' } }),
    'Unload is gone.',
  )
  t.throws(() => normaliseSecurityReport([], context), TypeError)

  const seed = Date.now()
  t.comment(`seed ${seed}`)
  const random = seededRandom(seed)
  for (let run = 0; run < HOSTILE_RUNS / 3; run++) {
    const report = normaliseSecurityReport(
      spoilt(run % 2 ? violation : { type: 'csp-violation', age: 1, body: violation['csp-report'] }, random),
      context,
    )
    if (eventMistakes(report).length > 0) return t.fail(`run ${run}: ${eventMistakes(report)}`)
  }
})

t.test('enrich adds what is not said, and replaces nothing', async (t) => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
  const enriched = enrich(
    sampleEvent({
      service: ' ',
      environment: '',
      release: ' 1.2 ',
      request: { ip: '{{auto}}', headers: { 'User-Agent': chrome } },
    }),
    context,
  )
  t.match(enriched, {
    service: 'unknown',
    environment: 'production',
    release: '1.2',
    request: { ip: '198.51.100.7' },
  })
  t.strictSame(enriched.tags, { region: 'eu', browser: 'Chrome 156', os: 'Windows 10' })

  const said = sampleEvent({ tags: { browser: 'mine', os: 'mine' }, request: { userAgent: chrome } })
  t.equal(enrich(said, context), said)
  t.equal(
    enrich(sampleEvent({ platform: 'javascript', tags: {} }), { userAgent: chrome }).tags?.browser,
    'Chrome 156',
  )
  t.strictSame(
    enrich(sampleEvent({ tags: {} }), { userAgent: chrome }).tags,
    {},
    'a server’s client is no browser',
  )
  const full = sampleEvent({
    tags: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, ''])),
    request: { userAgent: chrome },
  })
  t.equal(enrich(full, context), full, 'no tag beyond the limit')
  for (const userAgent of [
    '',
    'x'.repeat(1_000_000),
    '\0',
    '(((((',
    'curl/8.5.0',
    'Mozilla/5.0 '.repeat(10_000),
  ])
    t.ok(enrich(sampleEvent({ request: { userAgent } }), context))
  t.strictSame(
    'ip' in plain(enrich(sampleEvent({ request: { ip: '{{auto}}' } }), {}).request as object),
    false,
  )
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

/** The same with some of its values, at any depth, replaced by others. */
function spoilt(value: unknown, random: () => number): unknown {
  if (random() < 0.04) return hostileValue(random)
  if (Array.isArray(value)) return value.map((item) => spoilt(item, random))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, spoilt(member, random)])
  if (random() < 0.05) members.push(['__proto__', { polluted: 1 }])
  return Object.fromEntries(members)
}

const HOSTILE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  '',
  ' ',
  '0',
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
  '{{auto}}',
  '2026-02-30T00:00:00Z',
  [],
  {},
  [[]],
  [null],
  [{}],
  [['a', 1], ['', null], 7],
  { values: 7 },
  { values: [null, 7, {}] },
  { frames: [null, {}] },
  { toString: 1 },
  { length: 3 },
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`),
  '%s{}'.repeat(1000),
  'Error: '.repeat(100),
]

function hostileValue(random: () => number): unknown {
  if (random() < 0.001) return 'x\0'.repeat(500_000)
  return HOSTILE[Math.floor(random() * HOSTILE.length)]
}
