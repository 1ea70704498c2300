import t from 'tap'
import { publicHeaders, retryAfter, STALE_RESPONSE_HEADERS } from '../src/answer/headers.js'

function judge(raw: unknown, context: Partial<Parameters<typeof publicHeaders>[1]> = {}) {
  const dropped: string[] = []
  const headers = publicHeaders(raw, { status: 400, ...context }, (name) => dropped.push(name))
  return { headers, dropped }
}

t.test('lets through what an error may say, by lower-case name', async (t) => {
  const raw = {
    'Retry-After': 120,
    'WWW-Authenticate': ['Basic', 'Bearer realm="x"'],
    Allow: ['GET', 'HEAD'],
    'RateLimit-Limit': '10',
    RateLimit: '"default";r=0',
    'X-RateLimit-Reset': '7',
    'X-Other': 'a',
    'Cache-Control': 'max-age=60',
  }
  t.strictSame(judge(raw), {
    headers: {
      'retry-after': '120',
      'www-authenticate': ['Basic', 'Bearer realm="x"'],
      allow: 'GET, HEAD',
      'ratelimit-limit': '10',
      ratelimit: '"default";r=0',
      'x-ratelimit-reset': '7',
    },
    dropped: ['x-other', 'cache-control'],
  })
})

t.test('lets through what a definition declares, but never what frames the message', async (t) => {
  const names =
    'content-length transfer-encoding connection content-encoding content-type trailer set-cookie ' +
    'access-control-allow-origin etag content-range upgrade keep-alive'
  const raw = Object.fromEntries(['x-foo', 'cache-control', ...names.split(' ')].map((name) => [name, 'a']))
  const { headers, dropped } = judge(raw, { extra: new Set(Object.keys(raw)) })
  t.strictSame(headers, { 'x-foo': 'a', 'cache-control': 'a' })
  t.strictSame(dropped, names.split(' '))
})

t.test('keeps content-range on 416 and upgrade on 426 over HTTP/1', async (t) => {
  t.strictSame(judge({ 'content-range': 'bytes */10' }, { status: 416 }).headers, {
    'content-range': 'bytes */10',
  })
  t.strictSame(judge({ upgrade: 'h2c' }, { status: 426 }).headers, { upgrade: 'h2c', connection: 'upgrade' })
  t.strictSame(judge({ upgrade: 'h2c' }, { status: 426, httpVersion: '2' }), {
    headers: {},
    dropped: ['upgrade'],
  })
})

t.test('drops what would split or break the response', async (t) => {
  for (const bad of [
    'a\r\nb: c',
    'a\nb',
    'a\0',
    '\u20ac',
    'x'.repeat(8193),
    {},
    true,
    Number.NaN,
    ['a', 'b\r'],
    [],
  ]) {
    t.strictSame(judge({ allow: bad, link: 'ok' }), { headers: { link: 'ok' }, dropped: ['allow'] })
  }
  t.strictSame(judge({ 'bad name': 'a', '': 'b', 'a\r\nb': 'c' }).dropped, Array(3).fill('(unreadable)'))
  t.equal(judge({ link: 'x'.repeat(8192) }).headers.link?.length, 8192)
})

t.test('takes headers in any form, or none', async (t) => {
  const expected = { allow: 'GET', link: 'a' }
  const pairs: [string, string][] = [
    ['Allow', 'GET'],
    ['link', 'a'],
  ]
  for (const raw of [pairs, new Map(pairs), new Headers(pairs), Object.fromEntries(pairs)]) {
    t.strictSame(judge(raw), { headers: expected, dropped: [] })
  }
  for (const raw of [null, undefined, 'allow: GET', 7, ['allow', 'GET'], () => 0, [null]]) {
    t.strictSame(judge(raw), { headers: {}, dropped: [] })
  }
  t.strictSame(
    judge([
      ['link', 'a'],
      ['Link', 'b'],
    ]).headers,
    { link: ['a', 'b'] },
  )
})

t.test('survives what throws and what never ends', async (t) => {
  const fail = () => {
    throw new Error('no')
  }
  const half = {
    link: 'a',
    get allow() {
      return fail()
    },
    sunset: undefined,
  }
  t.strictSame(judge(half), { headers: { link: 'a' }, dropped: [] })
  t.strictSame(judge(new Proxy({}, { ownKeys: fail, has: fail })).headers, {})
  t.strictSame(
    judge({
      *[Symbol.iterator]() {
        for (;;) yield ['link', 'a']
      },
    }).headers.link?.length,
    64,
  )
  t.strictSame(judge(JSON.parse('{"__proto__":"a","link":"b"}')).headers, { link: 'b' })
})

t.test('says when to try again', async (t) => {
  t.equal(retryAfter(120), '120')
  t.equal(retryAfter(0), '0')
  t.equal(retryAfter(1.2), '2')
  t.equal(retryAfter(undefined, new Date('2015-10-21T07:28:00Z')), 'Wed, 21 Oct 2015 07:28:00 GMT')
  for (const bad of [-1, Number.NaN, 'abc', Number.POSITIVE_INFINITY, 1e21, null, {}])
    t.equal(retryAfter(bad), undefined)
  for (const bad of [new Date(Number.NaN), 'tomorrow', {}, 8.64e15, new Date(8.64e15)]) {
    t.equal(retryAfter(undefined, bad), undefined)
  }
})

t.test('takes off the response what described the one that was not sent', async (t) => {
  for (const name of [
    'etag',
    'last-modified',
    'content-encoding',
    'content-length',
    'content-disposition',
    'age',
  ]) {
    t.ok(STALE_RESPONSE_HEADERS.includes(name), name)
  }
  for (const name of ['vary', 'set-cookie', 'retry-after', 'access-control-allow-origin', 'x-request-id']) {
    t.notOk(STALE_RESPONSE_HEADERS.includes(name), name)
  }
})
