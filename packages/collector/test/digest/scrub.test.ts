import { createRedactor } from '@faultline/core/adapter'
import { eventMistakes } from '@faultline/protocol'
import t from 'tap'
import { seededRandom } from '../../../core/test/seeded-random.js'
import type { ScrubConfig } from '../../src/config.js'
import { normaliseSentry } from '../../src/digest/normalise/normalise-sentry.js'
import { createScrubber } from '../../src/digest/scrub/create-scrubber.js'
import { bareEvent as event } from './bare-event.js'

const DEFAULTS: ScrubConfig = { keys: [], paths: [], except: [], emails: 'keep', ips: 'keep' }
const scrubber = createScrubber(DEFAULTS)

function frame(members: object) {
  return { function: 'pay', file: 'src/pay.js', line: 6, inApp: true, ...members }
}

t.test('gives a clean event back as it is', async (t) => {
  const clean = event({
    release: 'shop@1.2.3',
    commit: '3f2a9c1b7d1e4a118a115b7d1e4a118a11deadbe',
    host: { name: 'ip-10-0-0-3', ip: '10.0.0.3' },
    runtime: { name: 'node', version: '24.21.0.1' },
    trace: { traceId: '4111111111111111'.repeat(2), spanId: '4111111111111111' },
    exceptions: [
      {
        type: 'TypeError',
        message: 'no items',
        frames: [
          frame({ file: 'http://127.0.0.1:9110/bundle.js' }),
          frame({ file: 'src/auth/token.js', function: 'Auth.token', module: 'a@1.2.3.4' }),
        ],
      },
    ],
    problem: {
      type: 'https://shop.example/problems/no-items',
      instance: 'urn:uuid:0199f3c2-7d1e-7a11-8a11-3f2a9c1b7d1e',
    },
    request: {
      id: '4111111111111111',
      route: '/tokens/:token',
      ip: '203.0.113.7',
      url: 'http://127.0.0.1:9110/orders',
      userAgent: 'Chrome/120.0.0.0 Safari/537.36',
      status: 500,
    },
    user: { id: 'ann@shop.example', email: 'ann@shop.example', name: 'Ann' },
    tags: { region: 'eu' },
  })
  const scrubbed = scrubber.event(clean)
  t.equal(scrubbed.event, clean)
  t.strictSame(scrubbed.scrubbed, [])
})

t.test('filters secrets wherever an event can hold them, and lists the paths', async (t) => {
  const secret = 'hunter2'
  const dirty = event({
    message: `password=${secret} for bob@example.com from 198.51.100.9`,
    exceptions: [
      {
        type: 'Error',
        message: `GET https://api.example/?token=${secret}&page=2 failed`,
        frames: [
          frame({
            file: `https://cdn.example/app.js?token=${secret}`,
            context: {
              before: [`password="${secret}"; token="${secret}"`, 'const a = 1'],
              line: `const apiKey: string = '${secret}'`,
              after: [`connect({ secret: process.env.SECRET ?? '${secret}' })`],
            },
          }),
        ],
        meta: { vars: { 0: { password: `'${secret}'`, o: {} } } },
      },
    ],
    problem: { type: 'about:blank', title: `token=${secret}`, detail: `Bearer ${secret}` },
    request: {
      url: `/x?token=${secret}`,
      query: `token=${secret}&page=2`,
      headers: {
        authorization: `Basic ${secret}`,
        cookie: `theme=${secret}`,
        referer: `https://u:${secret}@x.example/`,
      },
      body: `{"password":"${secret}","note":"{\\"password\\":\\"${secret}\\"}"}`,
    },
    user: { id: '7', name: 'Ann', ...{ password: secret } },
    tenant: `token=${secret}`,
    tags: { token: secret, note: `secret=${secret}` },
    extra: {
      card: 4111111111111111,
      rawHeaders: ['Host', 'x', 'Authorization', `Basic ${secret}`],
      headers: [
        ['Cookie', `a=${secret}`],
        ['Host', 'x'],
      ],
      har: [{ name: 'x-api-key', value: secret }],
      'bob@example.com': 1,
    },
    breadcrumbs: [
      {
        at: '2026-11-23T10:00:00.000Z',
        category: 'http',
        message: `token: ${secret}`,
        data: { deep: [{ otp: secret }] },
      },
    ],
    fingerprint: ['pay', 'bob@example.com'],
  })
  const before = structuredClone(dirty)
  const { event: shown, scrubbed } = scrubber.event(dirty)
  t.strictSame(dirty, before, 'what it was given stays as it was')
  t.notMatch(JSON.stringify(shown), secret)
  t.notMatch(JSON.stringify(shown), /bob@example|198\.51|4111/)
  t.match(shown, {
    message: 'password=[Filtered] for [Filtered] from [Filtered]',
    request: {
      query: 'token=[Filtered]&page=2',
      headers: { authorization: '[Filtered]', cookie: '[Filtered]' },
    },
    extra: {
      rawHeaders: ['Host', 'x', 'Authorization', '[Filtered]'],
      headers: [
        ['Cookie', '[Filtered]'],
        ['Host', 'x'],
      ],
    },
    fingerprint: ['pay', '[Filtered]'],
  })
  t.strictSame(
    scrubbed.toSorted(),
    [
      'message',
      'exceptions.0.message',
      'exceptions.0.frames.0.file',
      'exceptions.0.frames.0.context',
      'exceptions.0.meta.vars.0.password',
      'problem.title',
      'problem.detail',
      'request.url',
      'request.query',
      'request.headers.authorization',
      'request.headers.cookie',
      'request.headers.referer',
      'request.body',
      'user.password',
      'tenant',
      'tags.token',
      'tags.note',
      'extra.card',
      'extra.rawHeaders.3',
      'extra.headers.0.1',
      'extra.har.0.value',
      'breadcrumbs.0.message',
      'breadcrumbs.0.data.deep.0.otp',
      'fingerprint.1',
    ].sort(),
  )
  t.strictSame(eventMistakes(shown), [], 'it is still an event')
})

t.test('a secret in the URL that a Sentry client takes for a route is not stored', async (t) => {
  const shownOf = (said: object) => scrubber.event(normaliseSentry(said, { receivedAt: 0 })).event
  const transaction = 'GET /reset?token=s3cr3tTok&email=ann@shop.example'
  for (const source of [undefined, 'route', 'url']) {
    const shown = shownOf({ transaction, transaction_info: { source } })
    t.notMatch(JSON.stringify(shown), /s3cr3t|ann@/)
    t.equal(shown.request?.route, source === 'url' ? undefined : '/reset')
    t.equal(shown.tags?.transaction, source === 'url' ? 'GET /reset' : undefined)
  }
  const native = scrubber.event(event({ request: { route: '/reset?token=s3cr3tTok' } }))
  t.strictSame(native.event.request, { route: '/reset?token=[Filtered]' })
})

t.test('a secret in a query is not stored, however it is encoded', async (t) => {
  const queryOf = (query_string: unknown) =>
    scrubber.event(normaliseSentry({ request: { query_string } }, { receivedAt: 0 })).event.request?.query
  const queries: [said: unknown, shown: string][] = [
    [[['password', 'correct horse battery']], 'password=[Filtered]'],
    [{ password: 'hun&ter2', page: 2 }, 'password=[Filtered]&page=2'],
    [{ note: 'mail ann@shop.example & all' }, 'note=mail [Filtered] %26 all'],
    [{ filter: { password: 'hunter2' } }, 'filter={"password":"[Filtered]"}'],
    ['email=ann%40shop.example&q=a%20b', 'email=[Filtered]&q=a%20b'],
    ['card=4111+1111+1111+1111', 'card=[Filtered]'],
    ['q=100%&token=abc', 'q=100%&token=[Filtered]'],
    [{ q: '\ud800' }, 'q=%EF%BF%BD'],
    ['note=caf%E9+ann%40shop.example', 'note=café [Filtered]'],
    ['q=100%+ann%40shop.example', 'q=100%25 [Filtered]'],
    ['email=ann%2540shop.example&q=a%2520b%E9+%2b', 'email=[Filtered]&q=a%2520b%E9+%2b'],
    ['next=%2Fx%3Femail%3Dann%2540shop.example%26q%3D1', 'next=/x%253Femail=[Filtered]%2526q=1'],
    ['q=caf%E9+100%+%zz&p=%C3%A9+%3F', 'q=caf%E9+100%+%zz&p=%C3%A9+%3F'],
  ]
  for (const [said, shown] of queries) t.equal(queryOf(said), shown)
})

t.test('a secret that is encoded in a URL is not stored, wherever the URL is', async (t) => {
  const query = '?email=ann%40shop.example&card=4111+1111+1111+1111&q=a%20b'
  const url = `https://shop.example/a%20b/c${query}`
  const shownQuery = '?email=[Filtered]&card=[Filtered]&q=a%20b'
  const at = '2026-11-23T10:00:00.000Z'
  const { event: shown, scrubbed } = scrubber.event(
    event({
      message: `GET "${url}" failed: 100% of 2`,
      request: { headers: { referer: url }, body: { to: query } },
      tags: { url, transaction: `GET /orders${query}` },
      extra: { list: [url] },
      breadcrumbs: [{ at, category: 'http', message: '', data: { url } }],
    }),
  )
  const shownUrl = `https://shop.example/a%20b/c${shownQuery}`
  t.match(shown, {
    message: `GET "${shownUrl}" failed: 100% of 2`,
    request: { headers: { referer: shownUrl }, body: { to: shownQuery } },
    tags: { url: shownUrl, transaction: `GET /orders${shownQuery}` },
    extra: { list: [shownUrl] },
    breadcrumbs: [{ data: { url: shownUrl } }],
  })
  t.equal(scrubbed.length, 7)
  t.equal(scrubber.text(`a log: ${url}\n`), `a log: ${shownUrl}\n`)
})

t.test('encoded text without a secret stays as it is, byte for byte', async (t) => {
  const texts = [
    'https://shop.example/a%20b?q=caf%E9+100%+%2540&tel=%2B49+30#x%3F',
    "SELECT * FROM a WHERE b LIKE '%ad%' AND c = ? + 1",
    'is it=1+2? a?b=c+d:e, %d%% of %(name)s, C++%20',
  ]
  const clean = event({
    message: texts.join(' '),
    request: { query: 'q=caf%E9+100%+%2540&r=%', headers: { referer: texts[0] ?? '' } },
    extra: { texts },
  })
  t.equal(scrubber.event(clean).event, clean)
})

t.test('a secret beside its name is not stored at the first level of data either', async (t) => {
  const pair = { name: 'authorization', value: 'Basic YWJjOmRlZg==' }
  const shown = scrubber.event(
    event({
      extra: pair,
      exceptions: [{ type: 'E', message: '', frames: [], meta: pair }],
      breadcrumbs: [{ at: '2026-11-23T10:00:00.000Z', category: '', message: '', data: pair }],
    }),
  )
  t.notMatch(JSON.stringify(shown), /YWJj/)
  t.strictSame(shown.scrubbed, ['exceptions.0.meta.value', 'extra.value', 'breadcrumbs.0.data.value'])
})

t.test('hides a key block in source, of which no single line looks like one', async (t) => {
  const context = {
    before: ['const key = `-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADAN'],
    line: 'AoIBAQC7',
    after: [],
  }
  const { event: shown } = scrubber.event(
    event({ exceptions: [{ type: 'Error', message: '', frames: [frame({ context })] }] }),
  )
  t.notMatch(JSON.stringify(shown), /MIIE|AoIB/)
})

t.test('keeps, drops or hashes the addresses of a person, by configuration', async (t) => {
  const whole = event({
    user: { id: 'ann@shop.example', email: 'ann@shop.example', name: 'Ann' },
    request: { ip: '203.0.113.7' },
  })
  const dropped = createScrubber({ ...DEFAULTS, emails: 'drop', ips: 'drop' }).event(whole)
  t.strictSame(dropped.event.user, { name: 'Ann' })
  t.strictSame(dropped.event.request, {})
  t.strictSame(dropped.scrubbed.toSorted(), ['request.ip', 'user.email', 'user.id'])
  const hashing = createScrubber({ ...DEFAULTS, emails: 'hash', ips: 'hash' })
  const hashed = hashing.event(whole).event
  t.match(hashed.user?.email, /^sha256:[\da-f]{12}$/)
  t.equal(hashed.user?.id, hashed.user?.email, 'equal addresses stay equal')
  t.match(hashed.request?.ip, /^sha256:/)
  t.equal(hashing.event(hashed).event, hashed, 'a hash is not hashed again')
})

t.test('takes more keys and paths, and exceptions from all of them', async (t) => {
  const whole = event({
    service: 'shop',
    request: { headers: { 'x-tenant': 'acme', authorization: 'Basic abc' }, status: 500 },
    extra: { taxNumber: '12', cart: { plan: 'gold', token: 'abc' } },
    exceptions: [{ type: 'Error', message: 'x', frames: [frame({})] }],
  })
  const { event: shown, scrubbed } = createScrubber({
    ...DEFAULTS,
    keys: ['taxNumber'],
    paths: ['request.headers.X-Tenant', 'extra.*.plan', 'exceptions', 'id', 'level'],
    except: ['extra.cart', 'request.headers.authorization'],
  }).event(whole)
  t.strictSame(shown.request?.headers, { 'x-tenant': '[Filtered]', authorization: 'Basic abc' })
  t.strictSame(shown.extra, { taxNumber: '[Filtered]', cart: { plan: '[Filtered]', token: 'abc' } })
  t.strictSame(shown.exceptions[0]?.frames[0]?.line, 6)
  t.equal(shown.exceptions[0]?.type, '[Filtered]')
  t.equal(shown.id, whole.id, 'what makes it an event stays')
  t.strictSame(eventMistakes(shown), [])
  t.ok(scrubbed.includes('request.headers.x-tenant') && scrubbed.includes('extra.taxNumber'))
})

t.test('survives what JSON can say', async (t) => {
  const nested = `${'{"a":'.repeat(5000)}"password=x"${'}'.repeat(5000)}`
  const hostile: unknown[] = [
    JSON.parse(nested),
    JSON.parse('{"__proto__":{"polluted":"password=x"},"constructor":{"token":"abc"},"hasOwnProperty":1}'),
    'token="'.repeat(100_000),
    '\ud800password=x\u0000',
    Array.from({ length: 10_000 }, (_, at) => ({ [`k${at}`]: 'password=x' })),
  ]
  for (const data of hostile) {
    const { event: shown, scrubbed } = scrubber.event(event({ extra: { data } }))
    t.notMatch(JSON.stringify(shown), /password=x|abc/)
    t.ok(scrubbed.length <= 200)
    t.equal(({} as { polluted?: unknown }).polluted, undefined)
    t.notOk(Object.hasOwn((shown.extra?.data ?? {}) as object, '__proto__'))
  }
  const odd = { ...event(), exceptions: null, request: [], user: 'token=abc', breadcrumbs: 7, tags: null }
  t.notMatch(JSON.stringify(scrubber.event(odd as never)), /abc/)
})

t.test('changes nothing the second time, and never misses what a look at each text finds', async (t) => {
  const { random, seed } = seededRandom()
  const pieces =
    'password= token: "auth" Cookie: Bearer bob@example.com 10.0.0.1 ::1 4111111111111111 123-45-6789 //a:b@c eyJa.b.c ' +
    '-----BEGIN K----- -----END K----- [Filtered] %40 %26 %3d %22 %25 %E9 %3f ? + % { } [ ] , ; & = : @ . - \\" " \' 1 a A \n value'
  const words = [...pieces.split(' '), ' ']
  const text = () => Array.from({ length: 1 + random(5) }, () => words[random(words.length)]).join('')
  const names = ['note', 'token', 'name', 'value', 'rawHeaders', 'x', 'email', '4111111111111111']
  const name = () => names[random(names.length)] as string
  const data = (depth: number): unknown => {
    if (depth === 0 || random(3) === 0) return random(6) === 0 ? 4111111111111111 : text()
    const size = random(4)
    if (random(2) === 0) return Array.from({ length: size }, () => data(depth - 1))
    return Object.fromEntries(Array.from({ length: size }, () => [name(), data(depth - 1)]))
  }
  const { text: filter } = createRedactor()
  for (let round = 0; round < 3000; round++) {
    const whole = event({
      message: text(),
      tenant: text(),
      tags: { a: text(), [name()]: text() },
      extra: { data: data(3) },
      user: { id: text(), email: text() },
      request: { query: text(), route: text() },
      exceptions: [
        {
          type: 'E',
          message: text(),
          frames: [frame({ context: { before: [text()], line: text(), after: [text()] } })],
        },
      ],
    })
    const copy = JSON.stringify(whole)
    const once = scrubber.event(whole).event
    const twice = scrubber.event(once)
    if (JSON.stringify(whole) !== copy) return t.fail(`changed its input: ${copy} (seed ${seed})`)
    if (JSON.stringify(twice.event) !== JSON.stringify(once)) return t.fail(`${copy} (seed ${seed})`)
    for (const member of ['message', 'tenant'] as const) {
      const said = whole[member] ?? ''
      const isPlain = !/[%?]/.test(said)
      if (once[member] !== filter(isPlain ? said : (once[member] ?? '')))
        return t.fail(`${member} of ${copy} (seed ${seed})`)
    }
  }
  t.pass()
})

t.test('takes linear time', async (t) => {
  const units = [
    'a@',
    "'",
    '"password":',
    '`a',
    'x=',
    '\\"',
    '::',
    '%',
    '?',
    '?=',
    '%E9',
    '%25',
    '?a=%40&',
    '%40 ',
  ]
  for (const unit of units) {
    const line = unit.repeat(300_000 / unit.length)
    const context = { before: [line], line, after: [] }
    const whole = event({
      message: line,
      request: { query: `${line}%26`, route: line, headers: { referer: line } },
      exceptions: [{ type: 'E', message: line, frames: [frame({ context })] }],
    })
    const startedAt = performance.now()
    scrubber.event(whole)
    t.ok(performance.now() - startedAt < 3000, unit)
  }
})
