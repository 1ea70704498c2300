import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import createError from 'http-errors'
import { WebSocket } from 'ws'
import type { GoldenCase } from '../case.js'
import { get, throwing } from '../exchange.js'
import { errorRecords, isDocument, isGeneric500, isPlainProblem, isProblem, until } from '../expect.js'
import type { Framework } from '../start-service.js'

const pluginOfFastify = 'about a plug-in of Fastify'
const fastifyOnly = { express5: pluginOfFastify, express4: pluginOfFastify }
const expressOnly = { fastify: 'about a middleware of Express' }
const noHttp2: Partial<Record<Framework, string>> = {
  express5: 'does not run over HTTP/2',
  express4: 'does not run over HTTP/2',
}
const broke = { balance: 30, cost: 50 }

export const realLifeCases: GoldenCase[] = [
  {
    number: 'R1',
    title:
      "registered after the routes, it answers unknown ones; earlier routes keep Fastify's own error handler",
    notOn: { express5: 'is always last', express4: 'is always last' },
    async run({ start, problems }) {
      const service = await start({
        isRegisteredLast: true,
        routes: [throwing('/buy', () => new problems.OutOfCredit(broke))],
        onFastify: (app) =>
          app.register(async (scope) => {
            scope.get('/later', async () => {
              throw new problems.OutOfCredit(broke)
            })
          }),
      })
      assert.ok((await service.ask('/buy')).status >= 400)
      assert.ok((await service.ask('/later')).status >= 400)
      isPlainProblem(await service.ask('/nowhere'), 404)
    },
  },
  {
    number: 'R1',
    title: 'routes of plug-ins, in scopes with prefixes, are handled too',
    notOn: fastifyOnly,
    async run({ start, problems }) {
      const service = await start({
        async onFastify(app) {
          await app.register(
            async (scope) => {
              await scope.register(
                async (inner) => {
                  inner.get('/buy', async () => {
                    throw new problems.OutOfCredit(broke)
                  })
                },
                { prefix: '/v1' },
              )
            },
            { prefix: '/api' },
          )
        },
      })
      await isDocument(await service.ask('/api/v1/buy'), 'out-of-credit')
      isPlainProblem(await service.ask('/api/v1/nowhere'), 404)
    },
  },
  {
    number: 'R2',
    title: "@fastify/rate-limit's refusal is a 429 with its headers",
    notOn: fastifyOnly,
    async run({ start }) {
      const { default: rateLimit } = await import('@fastify/rate-limit')
      const service = await start({
        onFastify: (app) => app.register(rateLimit, { max: 1, timeWindow: 60_000 }),
        routes: [get('/x', () => ({ ok: true }))],
      })
      assert.equal((await service.ask('/x')).status, 200)
      const refused = await service.ask('/x')
      isPlainProblem(refused, 429)
      assert.ok(Number(refused.headers['retry-after']) > 0)
      assert.equal(refused.headers['x-ratelimit-remaining'], '0')
    },
  },
  {
    number: 'R2',
    title: "express-rate-limit's refusal, passed on, is a 429 with its headers",
    notOn: expressOnly,
    async run({ start }) {
      const { rateLimit } = await import('express-rate-limit')
      const service = await start({
        onExpress: (app) =>
          app.use(
            rateLimit({
              windowMs: 60_000,
              limit: 1,
              standardHeaders: 'draft-8',
              validate: false,
              handler: (_request, _response, next) => next(createError(429)),
            }) as never,
          ),
        routes: [get('/x', () => ({ ok: true }))],
      })
      assert.equal((await service.ask('/x')).status, 200)
      const refused = await service.ask('/x')
      isPlainProblem(refused, 429)
      assert.ok(refused.headers['retry-after'])
      assert.ok(refused.headers.ratelimit)
    },
  },
  {
    number: 'R3',
    title: 'a websocket route works, and a refusal before the upgrade is a problem',
    notOn: fastifyOnly,
    async run({ start, problems }) {
      const { default: websocket } = await import('@fastify/websocket')
      const service = await start({
        async onFastify(app) {
          await app.register(websocket)
          await app.register(async (scope) => {
            scope.get('/echo', { websocket: true }, (socket) => {
              socket.on('message', (text: Buffer) => socket.send(text.toString()))
            })
            const preValidation = async () => {
              throw new problems.OutOfCredit(broke)
            }
            scope.get('/refused', { websocket: true, preValidation }, () => {})
            scope.get('/broken', { websocket: true }, () => {
              throw new Error('broke in the socket')
            })
          })
        },
      })
      const socket = new WebSocket(`${service.url.replace('http', 'ws')}/echo`)
      await once(socket, 'open')
      socket.send('hello')
      const [echoed] = await once(socket, 'message')
      assert.equal(String(echoed), 'hello')
      socket.close()
      await once(socket, 'close')

      const refused = new WebSocket(`${service.url.replace('http', 'ws')}/refused`)
      const [, response] = (await once(refused, 'unexpected-response')) as [unknown, http.IncomingMessage]
      assert.equal(response.statusCode, 403)
      assert.match(String(response.headers['content-type']), /^application\/problem\+json/)
      refused.on('error', () => {})
      refused.terminate()

      const broken = new WebSocket(`${service.url.replace('http', 'ws')}/broken`)
      broken.on('error', () => {})
      await once(broken, 'close')
      isPlainProblem(await service.ask('/nowhere'), 404)
    },
  },
  {
    number: 'R4',
    title: 'server-sent events: an error before the first is a problem, one after it ends the stream',
    async run({ start, problems }) {
      const service = await start({
        routes: [
          throwing('/refused', () => new problems.OutOfCredit(broke), 'async'),
          get('/events', async ({ rawResponse }) => {
            rawResponse.writeHead(200, { 'content-type': 'text/event-stream' })
            await new Promise((resolve) => rawResponse.write('data: 1\n\n', resolve))
            throw new Error('no more events')
          }),
        ],
      })
      const headers = { accept: 'text/event-stream' }
      await isDocument(await service.ask('/refused', { headers }), 'out-of-credit')
      const request = http.get(`${service.url}/events`, { headers, agent: false })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      let received = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        received += chunk
      })
      response.on('error', () => {})
      await new Promise((resolve) => response.on('close', resolve))
      assert.equal(received, 'data: 1\n\n')
      await service.ask('/nowhere')
      await until(
        () => errorRecords(service).some(({ err }) => err?.message === 'no more events'),
        'the record',
      )
    },
  },
  {
    number: 'R5',
    title: 'a gateway answers 502 without a word of the upstream, and forwards what it passes through',
    ownApi: true,
    async run({ start, problems }) {
      const { passThrough } = await import('@faultline/core')
      const { parseProblem } = await import('@faultline/core/client')
      const upstream = await start({
        routes: [
          throwing('/buy', () => new problems.OutOfCredit(broke)),
          throwing('/x', () => new Error('hunter2')),
        ],
      })
      const forward = async (path: string, isPassed: boolean) => {
        const problem = await parseProblem<typeof problems>(await fetch(upstream.url + path), {
          base: 'https://errors.shop.example/',
        })
        assert.ok(problem)
        throw isPassed ? passThrough(problem) : problem
      }
      const gateway = await start({
        routes: [
          get('/buy', () => forward('/buy', true)),
          get('/x', () => forward('/x', true)),
          get('/kept-back', () => forward('/buy', false)),
          get('/away', () => fetch('http://127.0.0.1:1/')),
        ],
      })
      await isDocument(await gateway.ask('/buy'), 'out-of-credit')
      isProblem(await gateway.ask('/x'), 500)
      isPlainProblem(await gateway.ask('/kept-back'), 502)
      isGeneric500(await gateway.ask('/away'))
    },
  },
  {
    number: 'R6',
    title: 'HTTP/2: problems, unknown routes and unknown methods',
    notOn: noHttp2,
    async run({ start, problems }) {
      const service = await start({
        isHttp2: true,
        routes: [
          throwing('/buy', () => new problems.OutOfCredit(broke)),
          throwing('/x', () => new Error('x'), 'async'),
        ],
      })
      await isDocument(await service.ask('/buy'), 'out-of-credit')
      isGeneric500(await service.ask('/x'))
      isPlainProblem(await service.ask('/nowhere'), 404)
      isPlainProblem(await service.ask('/x', { method: 'DELETE' }), 405)
    },
  },
  {
    number: 'R7',
    title: 'every constructor of http-errors is its status, with its message below 500 only',
    async run({ start }) {
      const statuses = Object.keys(createError)
        .filter((key) => /^\d{3}$/.test(key))
        .map(Number)
      assert.ok(statuses.length > 35)
      const make = (status: number) => {
        const { [status]: HttpError = Error } = createError as unknown as Record<number, ErrorConstructor>
        return new HttpError(`hunter2 ${status}`)
      }
      const service = await start({
        routes: statuses.map((status) => throwing(`/${status}`, () => make(status))),
      })
      for (const status of statuses) {
        const answer = await service.ask(`/${status}`)
        isPlainProblem(answer, status)
        assert.equal(answer.body.detail, status < 500 ? `hunter2 ${status}` : undefined)
      }
    },
  },
  {
    number: 'R8',
    title: 'helmet, CORS and compression before it: their headers stay and the body can be read',
    notOn: fastifyOnly,
    async run({ start, problems }) {
      const [helmet, cors, compress] = await Promise.all([
        import('@fastify/helmet'),
        import('@fastify/cors'),
        import('@fastify/compress'),
      ])
      const service = await start({
        async onFastify(app) {
          await app.register(helmet.default)
          await app.register(cors.default, { origin: 'https://shop.example' })
          await app.register(compress.default, { threshold: 0 })
        },
        routes: [
          throwing('/buy', () => new problems.OutOfCredit(broke)),
          throwing('/plain', () => new problems.Busy()),
        ],
      })
      const plain = await service.ask('/buy', { headers: { origin: 'https://shop.example' } })
      await isDocument(plain, 'out-of-credit')
      assert.equal(plain.headers['access-control-allow-origin'], 'https://shop.example')
      assert.ok(plain.headers['content-security-policy'])
      const zipped = await fetch(`${service.url}/buy`, { headers: { 'accept-encoding': 'gzip' } })
      assert.equal(zipped.status, 403)
      assert.equal(((await zipped.json()) as { balance: unknown }).balance, 30)
    },
  },
  {
    number: 'R9',
    title: "express-jwt's refusal is a 401",
    notOn: expressOnly,
    async run({ start }) {
      const { expressjwt } = await import('express-jwt')
      const service = await start({
        onExpress: (app) =>
          app.use('/private', expressjwt({ secret: 'abc', algorithms: ['HS256'] }) as never),
      })
      isProblem(await service.ask('/private/x'), 401)
      isProblem(await service.ask('/private/x', { headers: { authorization: 'Bearer a.b.c' } }), 401)
      await until(() => service.logs.length > 0, 'the log')
      assert.deepEqual(service.reports, [])
    },
  },
  {
    number: 'R10',
    title: 'a missing file of express.static falls through, a bad path is refused without naming it',
    notOn: expressOnly,
    async run({ start }) {
      const service = await start({
        onExpress: (app, express) =>
          app.use('/files', express.static('test/golden/documents', { fallthrough: false })),
      })
      assert.equal((await service.ask('/files/sold-out.json')).status, 200)
      for (const path of ['/files/hunter2.json', '/files/../hunter2', '/files/%2e%2e%2fhunter2']) {
        const answer = await service.ask(path)
        isProblem(answer, answer.status)
        assert.ok([400, 403, 404].includes(answer.status))
        assert.ok(!answer.text.includes('hunter2'), answer.text)
      }
    },
  },
]
