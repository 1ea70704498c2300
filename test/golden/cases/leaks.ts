import assert from 'node:assert/strict'
import { defineProblems } from '@faultline/core'
import type { GoldenCase } from '../case.js'
import { throwing } from '../exchange.js'
import {
  blockedMsAtMost,
  errorRecords,
  isGeneric500,
  isProblem,
  isSecret,
  loggedOnce,
  requestsEnded,
  until,
} from '../expect.js'
import { bestOf, isBounded } from './chains.js'
import { thrown } from './thrown.js'

const tenMegabytes = 10 * 1024 * 1024
const bodyBytesAtMost = 65_536

export const leakCases: GoldenCase[] = [
  {
    number: '55',
    title: 'nothing of a plain error reaches the client: message, cause, stack, properties',
    async run(stage) {
      const { answer } = await thrown(stage, leaky)
      isGeneric500(answer)
      isSecret('hunter2', { answer })
      isSecret('leaks', { answer })
    },
  },
  {
    number: '55',
    title: 'the log and the report have it after redaction',
    ownApi: true,
    async run(stage) {
      const { service } = await thrown(stage, leaky)
      const record = await loggedOnce(service, /password=/)
      assert.match(String(record.err?.stack), /leaks/)
      await until(() => service.reports.length === 1, 'the report')
      isSecret('hunter2', { service })
    },
  },
  ...(
    [
      ['true', 'development', true],
      ['true', 'test', true],
      ['true', 'production', false],
      ['true', 'staging', false],
      ['true', '', false],
      ['even-in-production', 'production', true],
      ['false', 'development', false],
    ] as const
  ).map(
    ([debug, nodeEnv, isShown]): GoldenCase => ({
      number: '56',
      title: `debug: ${debug} with NODE_ENV ${nodeEnv || 'unset'} ${isShown ? 'shows' : 'hides'} stack and cause`,
      ownApi: true,
      nodeEnv,
      async run({ start }) {
        if (nodeEnv === '') delete process.env.NODE_ENV
        const options = { debug: debug === 'even-in-production' ? debug : debug === 'true' }
        const service = await start({
          options,
          routes: [throwing('/x', () => new Error('outer', { cause: new Error('inner') }))],
        })
        const answer = await service.ask('/x')
        isProblem(answer, 500, { title: 'Internal Server Error' })
        if (!isShown) return isGeneric500(answer)
        const { stack, cause } = answer.body.debug as { stack: unknown; cause: unknown }
        assert.match(JSON.stringify(stack), /outer/)
        assert.match(JSON.stringify(cause), /inner/)
      },
    }),
  ),
  ...(
    [
      ['message', () => new Error('m'.repeat(tenMegabytes)), 500],
      ['cause', () => new Error('outer', { cause: new Error('m'.repeat(tenMegabytes)) }), 500],
      [
        'property',
        () => Object.assign(new Error('x'), { rows: Array.from({ length: 100_000 }, () => 'r'.repeat(100)) }),
        500,
      ],
      ['stack', () => Object.assign(new Error('x'), { stack: 's'.repeat(tenMegabytes) }), 500],
      [
        'message of a plain 4xx',
        () => Object.assign(new Error('m'.repeat(tenMegabytes)), { statusCode: 409 }),
        409,
      ],
    ] as [string, () => unknown, number][]
  ).map(
    ([name, make, status]): GoldenCase => ({
      number: '57',
      title: `a ${name} of 10 MB: body and log record stay under 64 KiB and the loop goes on within 50 ms`,
      async run(stage) {
        const big = make()
        const service = await stage.start({
          routes: [throwing('/big', () => big), throwing('/small', () => new Error('x'))],
        })
        await service.ask('/small')
        const smallMs = await bestOf(3, () => service.ask('/small'))
        const bigMs = await bestOf(5, async () => {
          const answer = await service.ask('/big')
          isProblem(answer, status)
          assert.ok(answer.bytes.length <= bodyBytesAtMost)
        })
        assert.ok(bigMs - smallMs < blockedMsAtMost, `${bigMs - smallMs} ms extra`)
        await requestsEnded(service, 9)
        for (const line of service.logs) isBounded(line)
      },
    }),
  ),
  ...(['detail', 'extension', 'many extensions'] as const).map(
    (name): GoldenCase => ({
      number: '57',
      title: `a ${name} of 10 MB: the problem keeps status, type and title and stays under 64 KiB`,
      ownApi: true,
      async run({ start, problems }) {
        const huge = 'd'.repeat(tenMegabytes)
        const many = Object.fromEntries(
          Array.from({ length: 100_000 }, (_, index) => [`key${index}`, 'v'.repeat(90)]),
        )
        const make = {
          detail: () => new problems.Busy({ detail: huge }),
          extension: () => new problems.Odd({ value: huge, kept: 'kept' }),
          'many extensions': () => new problems.Odd({ ...many, value: many, kept: 'kept' } as never),
        }[name]
        // Building it is the application's part.
        const big = make()
        const service = await start({
          routes: [throwing('/big', () => big), throwing('/small', () => new problems.Busy())],
        })
        await service.ask('/small')
        const smallMs = await bestOf(3, () => service.ask('/small'))
        const bigMs = await bestOf(5, async () => {
          const answer = await service.ask('/big')
          isProblem(answer, name === 'detail' ? 503 : 409)
          assert.ok(answer.bytes.length <= bodyBytesAtMost, `${answer.bytes.length} bytes`)
        })
        assert.ok(bigMs - smallMs < blockedMsAtMost, `${bigMs - smallMs} ms extra`)
        await requestsEnded(service, 9)
        for (const line of service.logs) isBounded(line)
      },
    }),
  ),
  {
    number: '58',
    title: "an axios-like error's Authorization is in no body, log or report",
    async run(stage) {
      const secret = 'hunter2-abcdefghijklmnop'
      const headers = { Authorization: `Bearer ${secret}`, 'X-Api-Key': secret, Cookie: `session=${secret}` }
      const axiosLike = () =>
        Object.assign(new Error('Request failed with status code 401'), {
          name: 'AxiosError',
          isAxiosError: true,
          status: 401,
          config: { url: 'https://upstream.example/', headers, auth: { username: 'a', password: secret } },
          request: { _header: `GET / HTTP/1.1\r\nAuthorization: Bearer ${secret}\r\n` },
          response: { status: 401, headers: { 'set-cookie': `session=${secret}` }, config: { headers } },
        })
      const { answer, service } = await thrown(stage, axiosLike, 'async')
      isGeneric500(answer)
      await loggedOnce(service, /Request failed/)
      isSecret(secret, { answer, service })
    },
  },
  {
    number: '58',
    title: "secrets of the failing request's headers and query are in no log record of ours and no report",
    ownApi: true,
    async run({ start }) {
      const service = await start({ routes: [throwing('/x', () => new Error('x'))] })
      const secret = 'hunter2abcdefgh'
      await service.ask(`/x?access_token=${secret}`, {
        headers: { authorization: `Bearer ${secret}`, cookie: `session=${secret}`, 'x-api-key': secret },
      })
      await until(() => service.reports.length === 1, 'the report')
      assert.ok(!JSON.stringify({ ...service.reports[0], thrown: undefined }).includes(secret))
      // pino-http binds the whole request to its logger; that is the application's to redact.
      const [record] = errorRecords(service)
      assert.ok(!JSON.stringify({ ...record, req: undefined }).includes(secret))
    },
  },
  {
    number: '59',
    title: 'lone surrogates, U+2028 and NUL end as valid UTF-8 JSON of the announced length',
    async run({ start, problems }) {
      const odd = 'a\ud800b\u2028c\u0000d\udfff\u{1f600}é'
      const service = await start({
        routes: [
          throwing('/detail', () => new problems.NotFound({ detail: odd })),
          throwing('/extension', () => new problems.Odd({ value: odd, kept: odd })),
        ],
      })
      for (const [path, status] of [
        ['/detail', 404],
        ['/extension', 409],
      ] as const) {
        const answer = await service.ask(path)
        isProblem(answer, status)
        assert.equal(Number(answer.headers['content-length']), answer.bytes.length)
        const text = new TextDecoder('utf-8', { fatal: true }).decode(answer.bytes)
        assert.ok(JSON.stringify(JSON.parse(text)).includes('é'))
      }
    },
  },
  {
    number: '59',
    title: 'text in other scripts is written as it is',
    ownApi: true,
    async run({ start }) {
      const foreign = defineProblems(
        { base: 'https://errors.shop.example/' },
        { Foreign: { status: 409, title: '在庫切れ 🛒' } },
      )
      const service = await start({
        options: { problems: foreign },
        routes: [throwing('/x', () => new foreign.Foreign())],
      })
      isProblem(await service.ask('/x'), 409, { title: '在庫切れ 🛒' })
    },
  },
]

function leaky(): Error {
  function leaks(): Error {
    return new Error('password=hunter2', { cause: new Error('token=hunter2') })
  }
  return Object.assign(leaks(), { apiKey: 'hunter2', user: { password: 'hunter2' } })
}
