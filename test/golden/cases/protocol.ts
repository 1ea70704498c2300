import assert from 'node:assert/strict'
import net from 'node:net'
import type { Ask } from '../ask.js'
import { askRaw, parseRaw } from '../ask.js'
import type { GoldenCase } from '../case.js'
import { get, post } from '../exchange.js'
import { isPlainProblem, isProblem, isSecret } from '../expect.js'
import type { Framework } from '../start-service.js'

const json = { 'content-type': 'application/json' }
const ownRouter = 'this router takes such a path for any other: nothing fails'
const fastifyOnly = { express5: ownRouter, express4: ownRouter }

const rejected: { name: string; how: Ask; status: number; only?: Framework }[] = [
  { name: 'malformed JSON', how: { headers: json, body: '{"password":"hunter2",' }, status: 400 },
  { name: 'JSON cut off in a string', how: { headers: json, body: '"hunter2' }, status: 400 },
  {
    name: 'a body over the limit',
    how: { headers: json, body: JSON.stringify('x'.repeat(20_000)) },
    status: 413,
  },
  {
    name: 'an unknown charset',
    how: { headers: { 'content-type': 'application/json; charset=hunter2' }, body: '{}' },
    status: 415,
  },
  {
    name: 'an unknown content coding',
    how: { headers: { ...json, 'content-encoding': 'unheard-of' }, body: '{}' },
    status: 415,
  },
  {
    name: 'a body that is not gzip',
    how: { headers: { ...json, 'content-encoding': 'gzip' }, body: '{}' },
    status: 400,
  },
  {
    name: 'an unknown media type',
    how: { headers: { 'content-type': 'text/hunter2' }, body: 'x' },
    status: 415,
    only: 'fastify',
  },
  {
    name: 'an empty body that should be JSON',
    how: { headers: json, body: '' },
    status: 400,
    only: 'fastify',
  },
  {
    name: 'a __proto__ in JSON',
    how: { headers: json, body: '{"__proto__":{"hunter2":1}}' },
    status: 400,
    only: 'fastify',
  },
]
const acceptedBy: Partial<Record<string, Framework[]>> = {
  'an unknown charset': ['fastify'],
  'an unknown content coding': ['fastify'],
  'a body that is not gzip': ['fastify'],
}

export const protocolCases: GoldenCase[] = [
  ...rejected.map(({ name, how, status, only }): GoldenCase => {
    const acceptors = only ? (['express5', 'express4'] as const) : (acceptedBy[name] ?? [])
    return {
      number: status === 400 && name.includes('JSON') && !only ? '37' : '38',
      title: `${name} is the parser's ${status}, without a fragment of the body`,
      notOn: Object.fromEntries(acceptors.map((framework) => [framework, 'its parser accepts that'])),
      async run({ start }) {
        const service = await start({
          bodyLimitBytes: 10_000,
          routes: [post('/orders', () => ({ ok: true }))],
        })
        const answer = await service.ask('/orders', { method: 'POST', ...how })
        isPlainProblem(answer, status)
        isSecret('hunter2', { answer })
      },
    }
  }),
  {
    number: '38',
    title: 'a path parameter that cannot be decoded is a 400 that does not reflect it',
    notOn: { fastify: 'see 39' },
    async run({ start }) {
      const service = await start({ routes: [get('/orders/:id', () => ({ ok: true }))] })
      const answer = await service.ask('/orders/hunter2%ff')
      isPlainProblem(answer, 400)
      isSecret('hunter2', { answer })
    },
  },
  ...['/hunter2%ff', '/hunter2%', '/orders/hunter2%ff'].map(
    (path): GoldenCase => ({
      number: '39',
      title: `GET ${path.replace('hunter2', '')} is a 400 that does not reflect the path`,
      notOn: fastifyOnly,
      async run({ start }) {
        const service = await start({
          hasServerErrors: true,
          routes: [get('/orders/:id', () => ({ ok: true }))],
        })
        const answer = await service.ask(path)
        isPlainProblem(answer, 400)
        isSecret('hunter2', { answer })
      },
    }),
  ),
  {
    number: '39',
    title: 'an over-long parameter is a 414 or 400 that does not reflect it',
    notOn: fastifyOnly,
    async run({ start }) {
      const service = await start({
        hasServerErrors: true,
        routes: [get('/orders/:id', () => ({ ok: true }))],
      })
      const answer = await service.ask(`/orders/${'hunter2'.repeat(50)}`)
      isPlainProblem(answer, answer.status === 400 ? 400 : 414)
      isSecret('hunter2', { answer })
    },
  },
  ...(
    [
      ['a garbage request line', 'hunter2 GARBAGE\r\n\r\n', 400],
      ['a header of 20 KB', `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'hunter2'.repeat(3_000)}\r\n\r\n`, 431],
      ['a header without a name', 'GET / HTTP/1.1\r\nHost: a\r\n: hunter2\r\n\r\n', 400],
      [
        'two lengths',
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhunter2',
        400,
      ],
      ['a slow request', 'GET /hunter2 HTTP/1.1\r\nHost: a\r\n', 408],
    ] as const
  ).map(
    ([name, request, status]): GoldenCase => ({
      number: '40',
      title: `${name} is a raw ${status} and Connection: close`,
      async run({ start }) {
        const service = await start({
          hasServerErrors: true,
          requestTimeoutMs: 100,
          options: { logger: false },
        })
        const answer = parseRaw(await askRaw(service.port, request))
        isPlainProblem(answer, status)
        assert.equal(String(answer.headers.connection).toLowerCase(), 'close')
        isSecret('hunter2', { answer })
      },
    }),
  ),
  {
    number: '40',
    title: 'a connection that is reset is not worth a record',
    async run({ start }) {
      const service = await start({ hasServerErrors: true, routes: [get('/ok', () => ({ ok: true }))] })
      const closed = new Promise<void>((resolve) => {
        const socket = net.connect(service.port, '127.0.0.1', () => {
          socket.write('GET /ok HTTP/1.1\r\nHost: a\r\n', () => socket.resetAndDestroy())
        })
        socket.on('error', () => {})
        socket.on('close', () => resolve())
      })
      await closed
      assert.equal((await service.ask('/ok')).status, 200)
      assert.deepEqual(
        service.logs.filter((line) => line.text.includes('ECONNRESET')),
        [],
      )
      assert.deepEqual(service.reports, [])
    },
  },
  {
    number: '41',
    title: 'an unknown route is a 404 that does not reflect its query',
    async run({ start }) {
      const service = await start({ routes: [get('/orders', () => ({ ok: true }))] })
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await service.ask('/nowhere?token=hunter2', { method })
        isPlainProblem(answer, 404)
        isSecret('hunter2', { answer })
      }
    },
  },
  {
    number: '43',
    title: "HEAD on a failing route has GET's status and headers and no body",
    async run({ start, problems }) {
      const fail = () => {
        throw new problems.OutOfCredit({ balance: 30, cost: 50 })
      }
      const service = await start({ routes: [get('/buy', fail), get('/later', async () => fail())] })
      for (const path of ['/buy', '/later']) {
        const asked = await service.ask(path)
        const head = await service.ask(path, { method: 'HEAD' })
        isProblem(asked, 403)
        assert.equal(head.status, 403)
        assert.equal(head.bytes.length, 0)
        for (const name of ['content-type', 'content-length', 'cache-control', 'x-content-type-options'])
          assert.equal(head.headers[name], asked.headers[name], name)
      }
    },
  },
]
