import assert from 'node:assert/strict'
import createError from 'http-errors'
import type { Answer } from '../ask.js'
import type { GoldenCase, Stage } from '../case.js'
import { get, throwing } from '../exchange.js'
import { isProblem, warnedOnce } from '../expect.js'
import type { Service } from '../start-service.js'

const badHeaders: [string, Record<string, unknown>][] = [
  ['a line break', { link: '</a>\r\nx-injected: hunter2' }],
  ['a NUL', { link: '</a>\0' }],
  ['a name that is none', { 'link ed\r\n': '</a>' }],
  ['9 KB', { link: `<${'a'.repeat(9_000)}>` }],
  ['a letter outside Latin-1', { link: '</\u4e2d>' }],
  ['a symbol as value', { link: Symbol('a') }],
]

const allowed: Record<string, string> = {
  'retry-after': '7',
  'www-authenticate': 'Bearer',
  'proxy-authenticate': 'Basic',
  allow: 'GET',
  accept: 'application/json',
  'accept-encoding': 'gzip',
  'accept-patch': 'application/json',
  'content-language': 'de',
  link: '</docs>; rel="help"',
  location: '/elsewhere',
  'dpop-nonce': 'abc',
  ratelimit: '"default";r=0;t=7',
  'ratelimit-policy': '"default";q=100;w=60',
  'x-ratelimit-limit': '100',
  deprecation: '@1688169599',
  sunset: 'Sat, 31 Dec 2033 23:59:59 GMT',
}
const forbidden: Record<string, string> = {
  'content-length': '3',
  'transfer-encoding': 'chunked, gzip',
  connection: 'x-hop',
  'content-encoding': 'gzip',
  'content-type': 'text/hunter2',
  trailer: 'x-hop',
  'set-cookie': 'session=hunter2',
  'access-control-allow-origin': 'https://hunter2.example',
  'content-range': 'bytes */7',
  upgrade: 'hunter2',
  'cache-control': 'public, max-age=7',
  'x-hunter': 'hunter2',
  etag: '"hunter2"',
  server: 'hunter2',
}

const removed: Record<string, string> = {
  etag: '"abc"',
  'last-modified': 'Sat, 31 Dec 2022 23:59:59 GMT',
  expires: 'Sat, 31 Dec 2033 23:59:59 GMT',
  age: '7',
  'accept-ranges': 'bytes',
  'cdn-cache-control': 'max-age=7',
  'surrogate-control': 'max-age=7',
  'content-encoding': 'gzip',
  'content-disposition': 'attachment; filename="a"',
  'content-location': '/a',
  'content-digest': 'sha-256=:abc=:',
  'content-range': 'bytes 0-1/2',
}
const kept: Record<string, string> = {
  'access-control-allow-origin': 'https://shop.example',
  'strict-transport-security': 'max-age=7',
  'content-security-policy': "default-src 'none'",
  vary: 'Origin',
  'set-cookie': 'theme=dark',
  'x-request-id': 'abc',
  'retry-after': '7',
  'ratelimit-limit': '100',
  'x-ratelimit-remaining': '0',
}

export const headerCases: GoldenCase[] = [
  ...badHeaders.map(
    ([name, headers]): GoldenCase => ({
      number: '45',
      title: `an error header with ${name} is dropped with one warning, the response stands`,
      async run(stage) {
        const { answer, service } = await failsWith(stage, 409, { ...headers, location: '/there' })
        assert.equal(answer.headers.location, '/there')
        assert.equal(answer.headers.link, undefined)
        assert.equal(answer.headers['x-injected'], undefined)
        await warnedOnce(stage, /header/i, service)
      },
    }),
  ),
  {
    number: '46',
    title: 'headers on the allow-list go through, whatever library they come from',
    async run(stage) {
      const { answer } = await failsWith(stage, 400, allowed)
      for (const [name, value] of Object.entries(allowed)) assert.equal(answer.headers[name], value, name)
    },
  },
  {
    number: '46',
    title: 'no other header goes through',
    async run(stage) {
      const { answer } = await failsWith(stage, 400, forbidden)
      isProblem(answer, 400)
      for (const [name, value] of Object.entries(forbidden))
        assert.notEqual(String(answer.headers[name]), value, name)
    },
  },
  {
    number: '46',
    title: 'content-range goes with 416 only, upgrade with 426 only, and then with Connection: upgrade',
    async run(stage) {
      const unsatisfied = await failsWith(stage, 416, { 'content-range': 'bytes */7', upgrade: 'h2c' })
      assert.equal(unsatisfied.answer.headers['content-range'], 'bytes */7')
      assert.equal(unsatisfied.answer.headers.upgrade, undefined)
      const upgrade = await failsWith(stage, 426, { 'content-range': 'bytes */7', upgrade: 'TLS/1.3' })
      assert.equal(upgrade.answer.headers['content-range'], undefined)
      assert.equal(upgrade.answer.headers.upgrade, 'TLS/1.3')
      assert.match(String(upgrade.answer.headers.connection), /\bupgrade\b/i)
    },
  },
  {
    number: '46',
    title: 'cache-control and x- headers go through where the definition names them',
    async run({ start, problems }) {
      const service = await start({
        routes: [
          throwing('/moved', () => new problems.Moved()),
          throwing(
            '/busy',
            () => new problems.Busy({ headers: { 'x-shop-hint': 'hunter2', 'cache-control': 'public' } }),
          ),
        ],
      })
      const moved = await service.ask('/moved')
      isProblem(moved, 410)
      assert.equal(moved.headers['cache-control'], 'max-age=60')
      assert.equal(moved.headers['x-shop-hint'], 'try the new shop')
      const busy = await service.ask('/busy')
      assert.equal(busy.headers['x-shop-hint'], undefined)
      assert.equal(busy.headers['cache-control'], 'no-store')
    },
  },
  ...(
    [
      ['null', () => null],
      ['a string', () => 'retry-after: 7'],
      ['an array', () => ['retry-after', '7']],
      ['a Map', () => new Map([['retry-after', '7']])],
      ['a Headers', () => new Headers({ 'retry-after': '7' })],
      ['a number', () => 7],
      [
        'with values that are numbers, arrays and undefined',
        () => ({ 'retry-after': 7, link: ['<a>', '<b>'], allow: undefined }),
      ],
      [
        'an object whose getter throws',
        () => ({
          get 'retry-after'() {
            throw new Error('not to be read')
          },
        }),
      ],
    ] as [string, () => unknown][]
  ).map(
    ([name, headers]): GoldenCase => ({
      number: '47',
      title: `error headers that are ${name} are normalised or ignored, the status is kept`,
      async run({ start }) {
        const fail = () => Object.assign(createError(409), { headers: headers() })
        const service = await start({ routes: [throwing('/x', fail)] })
        const answer = await service.ask('/x')
        isProblem(answer, 409)
        assert.ok([undefined, '7'].includes(answer.headers['retry-after'] as string | undefined))
      },
    }),
  ),
  ...(
    [
      [120, '120'],
      [-1, undefined],
      [Number.NaN, undefined],
      ['abc', undefined],
      [Number.POSITIVE_INFINITY, undefined],
    ] as [unknown, string | undefined][]
  ).map(
    ([seconds, expected]): GoldenCase => ({
      number: '48',
      title: `retryAfterSeconds ${seconds} is ${expected ?? 'omitted'}`,
      ownApi: true,
      async run({ start, problems }) {
        const fail = () => new problems.NotFound({ retryAfterSeconds: seconds as number })
        const service = await start({ routes: [throwing('/x', fail)] })
        const answer = await service.ask('/x')
        isProblem(answer, 404)
        assert.equal(answer.headers['retry-after'], expected)
      },
    }),
  ),
  {
    number: '48',
    title:
      "a definition's retryAfterSeconds is sent, and retryAt is an IMF-fixdate; an invalid date is omitted",
    ownApi: true,
    async run({ start, problems }) {
      const service = await start({
        routes: [
          throwing('/busy', () => new problems.Busy()),
          throwing('/at', () => new problems.NotFound({ retryAt: new Date('2033-12-31T23:59:59.500Z') })),
          throwing('/never', () => new problems.NotFound({ retryAt: new Date('never') })),
        ],
      })
      assert.equal((await service.ask('/busy')).headers['retry-after'], '30')
      assert.equal((await service.ask('/at')).headers['retry-after'], 'Sat, 31 Dec 2033 23:59:59 GMT')
      const never = await service.ask('/never')
      isProblem(never, 404)
      assert.equal(never.headers['retry-after'], undefined)
    },
  },
  {
    number: '49',
    title: '401, 405, 407 and 426 send their header, from the throw or the definition',
    ownApi: true,
    async run({ start, problems }) {
      const service = await start({
        routes: [
          throwing('/401', () => new problems.Unauthorized({ challenge: ['Bearer realm="a, b"', 'Basic'] })),
          throwing('/405', () => new problems.MethodNotAllowed({ allow: ['GET', 'PUT'] })),
          throwing('/407', () => new problems.ProxyLogin()),
          throwing('/426', () => new problems.UpgradeRequired({ upgrade: 'TLS/1.3' })),
        ],
      })
      const { headers } = await problemOf(service, 401)
      assert.match(String(headers['www-authenticate']), /Bearer realm="a, b", ?Basic/)
      assert.match(String((await problemOf(service, 405)).headers.allow), /^GET, ?PUT$/)
      assert.equal((await problemOf(service, 407)).headers['proxy-authenticate'], 'Basic realm="proxy"')
      assert.equal((await problemOf(service, 426)).headers.upgrade, 'TLS/1.3')
    },
  },
  {
    number: '49',
    title: '401, 405 and 426 without their header do not compile',
    ownApi: true,
    once: true,
    async run({ problems }) {
      // @ts-expect-error a 401 needs a challenge
      const unauthorized = () => new problems.Unauthorized()
      // @ts-expect-error a 405 needs allow
      const notAllowed = () => new problems.MethodNotAllowed({ detail: 'No.' })
      // @ts-expect-error a 426 needs upgrade
      const upgrade = () => new problems.UpgradeRequired({})
      assert.ok([unauthorized, notAllowed, upgrade])
    },
  },
  {
    number: '50',
    title: 'headers of the success that did not come are removed, those of the service stay',
    async run({ start }) {
      const service = await start({
        routes: [
          get('/x', ({ header }) => {
            for (const [name, value] of Object.entries({ ...removed, ...kept })) header(name, value)
            header('content-type', 'text/csv')
            header('content-length', '3')
            header('cache-control', 'public, max-age=31536000')
            throw new Error('x')
          }),
        ],
      })
      const answer = await service.ask('/x')
      isProblem(answer, 500)
      for (const name of Object.keys(removed)) assert.equal(answer.headers[name], undefined, name)
      for (const [name, value] of Object.entries(kept)) {
        const found = answer.headers[name]
        assert.ok(String(found).includes(value), `${name} is ${found}`)
      }
      assert.equal(answer.headers['cache-control'], 'no-store')
    },
  },
  {
    number: '50',
    title: 'Content-Range set before a 416 stays',
    async run({ start }) {
      const service = await start({
        routes: [
          get('/x', ({ header }) => {
            header('content-range', 'bytes */7')
            throw createError(416)
          }),
        ],
      })
      const answer = await service.ask('/x')
      isProblem(answer, 416)
      assert.equal(answer.headers['content-range'], 'bytes */7')
    },
  },
  {
    number: '51',
    title: 'every answer has X-Content-Type-Options: nosniff and Cache-Control: no-store',
    async run({ start, problems }) {
      const service = await start({
        routes: [throwing('/known', () => new problems.Busy()), throwing('/unknown', () => new Error('x'))],
      })
      for (const path of ['/known', '/unknown', '/nowhere']) {
        const { headers } = await service.ask(path)
        assert.equal(headers['x-content-type-options'], 'nosniff', path)
        assert.equal(headers['cache-control'], 'no-store', path)
      }
    },
  },
]

async function failsWith(
  { start }: Stage,
  status: number,
  headers: Record<string, unknown>,
): Promise<{ answer: Answer; service: Service }> {
  const fail = () => Object.assign(createError(status, 'Shown.'), { headers })
  const service = await start({ routes: [throwing('/x', fail)] })
  const answer = await service.ask('/x')
  isProblem(answer, status)
  return { answer, service }
}

async function problemOf(service: Service, status: number): Promise<Answer> {
  const answer = await service.ask(`/${status}`)
  isProblem(answer, status)
  return answer
}
