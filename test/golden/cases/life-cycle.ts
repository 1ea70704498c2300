import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import { Readable } from 'node:stream'
import { askInSession } from '../ask.js'
import type { GoldenCase, Stage } from '../case.js'
import type { Exchange } from '../exchange.js'
import { get, post, throwing } from '../exchange.js'
import {
  errorRecords,
  isDocument,
  isGeneric500,
  isProblem,
  loggedOnce,
  requestsEnded,
  until,
} from '../expect.js'
import { levels } from '../log-memory.js'
import type { Service } from '../start-service.js'
import { throwAfterAbort } from './chains.js'
import { shapeCases } from './shape.js'

const ownHooks = 'has no such hook'
const fastifyOnly = { express5: ownHooks, express4: ownHooks }
const noSchemas = 'serialises by no schema'
const noHttp2 = 'does not run over HTTP/2'
const expressOnly = { fastify: 'about routers and sub-applications of Express' }

export const lifeCycleCases: GoldenCase[] = [
  ...(
    [
      ['a throw after the headers went out', writeThenThrow],
      ['a stream failing mid-body', (exchange: Exchange) => exchange.sendStream(failingStream('first half'))],
    ] as const
  ).map(
    ([name, handler]): GoldenCase => ({
      number: '60',
      title: `${name} destroys the socket and is logged and reported once`,
      async run(stage) {
        const service = await stage.start({
          routes: [get('/x', handler), get('/alive', () => ({ ok: true }))],
        })
        await assert.rejects(service.ask('/x'), /aborted|hang up|ECONNRESET|terminated/)
        assert.equal((await service.ask('/alive')).status, 200)
        const record = await loggedOnce(service, /broke half-way/)
        if (stage.processWarnings.length > 0) assert.fail(stage.processWarnings.join())
        assert.ok(record.level >= levels.warn)
      },
    }),
  ),
  ...(
    [
      ['a throw after the headers went out', writeThenThrow],
      ['a stream failing mid-body', (exchange: Exchange) => exchange.sendStream(failingStream('first half'))],
    ] as const
  ).map(
    ([name, handler]): GoldenCase => ({
      number: '60',
      title: `${name} is named response-started in log and report`,
      ownApi: true,
      async run({ start }) {
        const service = await start({ routes: [get('/x', handler), get('/alive', () => ({ ok: true }))] })
        await assert.rejects(service.ask('/x'))
        // A response that was cut off is no ended request to Fastify; this one is.
        await service.ask('/alive')
        const record = await loggedOnce(service, /broke half-way/, levels.error)
        assert.equal(record.phase, 'response-started')
        assert.equal(service.reports.length, 1)
        assert.equal(service.reports[0]?.phase, 'response-started')
      },
    }),
  ),
  {
    number: '60',
    title: 'over HTTP/2 only the failing stream is closed, with INTERNAL_ERROR, while the others go on',
    notOn: { express5: noHttp2, express4: noHttp2 },
    async run({ start }) {
      let finishSlow: (() => void) | undefined
      const service = await start({
        isHttp2: true,
        routes: [
          get('/x', ({ sendStream }) => sendStream(failingStream('first half'))),
          get(
            '/slow',
            () =>
              new Promise((resolve) => {
                finishSlow = () => resolve({ ok: true })
              }),
          ),
        ],
      })
      const session = http2.connect(service.url)
      try {
        const slow = askInSession(session, '/slow')
        await until(() => finishSlow !== undefined, 'the slow request')
        await assert.rejects(askInSession(session, '/x'), { rstCode: http2.constants.NGHTTP2_INTERNAL_ERROR })
        finishSlow?.()
        assert.deepEqual((await slow).body, { ok: true })
      } finally {
        session.destroy()
      }
      await until(() => errorRecords(service).length > 0, 'the log record')
      assert.equal(errorRecords(service).length, 1)
    },
  },
  {
    number: '61',
    title: 'a stream failing before its first byte is a generic 500',
    async run({ start }) {
      const service = await start({ routes: [get('/x', ({ sendStream }) => sendStream(failingStream()))] })
      isGeneric500(await service.ask('/x'))
      await loggedOnce(service, /broke half-way/)
    },
  },
  {
    number: '62',
    title: 'an async throw after the response completed is logged once, without a write',
    async run(stage) {
      const service = await answerThenThrow(stage)
      await loggedOnce(service, /too late/)
    },
  },
  {
    number: '62',
    title: 'an async throw after the response completed is reported as response-ended',
    ownApi: true,
    async run(stage) {
      const service = await answerThenThrow(stage)
      await until(() => service.reports.length > 0, 'the report')
      assert.equal(service.reports.length, 1)
      assert.equal(service.reports[0]?.phase, 'response-ended')
    },
  },
  {
    number: '63',
    title: 'a throw after the client has gone writes nothing, is logged at debug and not reported',
    async run(stage) {
      const service = await throwAfterAbort(stage, () => new Error('nobody listens'))
      await loggedOnce(service, /nobody listens/, levels.debug)
      assert.deepEqual(service.reports, [])
    },
  },
  ...(['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend'] as const).map(
    (hook): GoldenCase => ({
      number: '64',
      title: `a throw in ${hook} is a generic 500, and a catalogue error there its problem`,
      notOn: fastifyOnly,
      async run({ start, problems }) {
        const service = await start({
          onFastify(app) {
            for (const [path, make] of [
              ['/x', () => new Error('x')],
              ['/buy', () => new problems.OutOfCredit({ balance: 30, cost: 50 })],
            ] as const) {
              let hasFailed = false
              const fail = async () => {
                // The error's own answer passes onSend as well.
                if (hasFailed) return
                hasFailed = true
                throw make()
              }
              app.route({ method: 'GET', url: path, [hook]: fail, handler: async () => ({ ok: true }) })
            }
          },
        })
        isGeneric500(await service.ask('/x'))
        await isDocument(await service.ask('/buy'), 'out-of-credit')
      },
    }),
  ),
  {
    number: '64',
    title: 'an onSend hook that throws at every answer ends in an answer all the same',
    notOn: fastifyOnly,
    async run({ start }) {
      const service = await start({
        onFastify(app) {
          const onSend = async () => {
            throw new Error('always')
          }
          app.route({ method: 'GET', url: '/x', onSend, handler: async () => ({ ok: true }) })
        },
      })
      assert.equal((await service.ask('/x')).status, 500)
    },
  },
  {
    number: '64',
    title: 'a body that cannot be serialised is a generic 500',
    async run({ start }) {
      const circular: Record<string, unknown> = {}
      circular.self = circular
      const unwritable = {
        toJSON() {
          throw new Error('not to be written')
        },
      }
      const service = await start({ routes: [get('/a', () => circular), get('/b', async () => unwritable)] })
      isGeneric500(await service.ask('/a'))
      isGeneric500(await service.ask('/b'))
    },
  },
  {
    number: '64a',
    title: 'the checks of the shape hold over HTTP/2, and no header of a connection is sent',
    notOn: { express5: noHttp2, express4: noHttp2 },
    timeoutMs: 60_000,
    async run(stage) {
      const start: Stage['start'] = (description) => stage.start({ ...description, isHttp2: true })
      const overHttp2 = shapeCases.filter((shape) => !shape.once && shape.number !== '5')
      for (const shape of overHttp2) await shape.run({ ...stage, start })

      const { problems } = stage
      const service = await start({
        routes: [
          throwing('/x', () => new problems.UpgradeRequired({ upgrade: 'TLS/1.3' })),
          throwing('/y', () => new Error('x')),
        ],
      })
      for (const path of ['/x', '/y', '/nowhere']) {
        const { headers } = await service.ask(path)
        for (const name of ['connection', 'upgrade', 'keep-alive', 'transfer-encoding', 'proxy-connection'])
          assert.equal(headers[name], undefined, `${path} ${name}`)
      }
    },
  },
  ...['404', '4xx', 'default'].map(
    (key): GoldenCase => ({
      number: '65',
      title: `a response schema for ${key} cuts nothing from the problem`,
      notOn: { express5: noSchemas, express4: noSchemas },
      async run({ start, problems }) {
        const narrow = { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] }
        const fail = () => {
          throw new problems.OutOfCredit({ balance: 30, cost: 50 })
        }
        const lost = () => {
          throw new problems.Suspicious()
        }
        const schema = { response: { [key]: narrow } }
        const service = await start({
          routes: [get('/buy', fail, { schema }), get('/lost', lost, { schema })],
        })
        await isDocument(await service.ask('/buy'), 'out-of-credit')
        isProblem(await service.ask('/lost'), 404, { type: 'https://errors.shop.example/suspicious' })
      },
    }),
  ),
  {
    number: '67',
    title: 'a POST that fails with 5 MB unread is answered, and so is the next request of that client',
    async run({ start }) {
      const fail = () => {
        throw new Error('not wanted')
      }
      const service = await start({
        bodyLimitBytes: 1_000,
        routes: [post('/x', fail), get('/ok', () => ({ ok: true }))],
        onFastify: (app) =>
          void app.addHook('onRequest', async (request) => request.method === 'POST' && fail()),
      })
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      try {
        const answer = await service.ask('/x', {
          method: 'POST',
          agent,
          headers: { 'content-type': 'application/json' },
          body: Buffer.alloc(5_000_000, ' '),
        })
        isProblem(answer, answer.status)
        assert.ok(answer.status >= 400)
        assert.equal((await service.ask('/ok', { agent })).status, 200)
      } finally {
        agent.destroy()
      }
    },
  },
  {
    number: '68',
    title:
      'nested routers, a middleware mounted twice and a sub-application: one response, one record, one report',
    notOn: expressOnly,
    async run({ start, problems }) {
      const service = await start({
        onExpress(app, express) {
          const inner = express.Router()
          inner.get('/x', (_request, _response, next) => next(new Error('deep inside')))
          const outer = express.Router()
          outer.use('/inner', inner)
          app.use('/outer', outer)
          const sub = express()
          sub.get('/x', () => {
            throw new Error('deep inside')
          })
          app.use('/sub', sub)
        },
        options: { problems },
      })
      isGeneric500(await service.ask('/outer/inner/x'))
      await loggedOnce(service, /deep inside/)
      isGeneric500(await service.ask('/sub/x'))
      await requestsEnded(service, 2)
      assert.equal(errorRecords(service).length, 2)
      assert.equal(service.reports.length, 2)
    },
  },
  {
    number: '68',
    title: 'errorMiddleware in a router, in a sub-application and at the end answers, logs and reports once',
    ownApi: true,
    notOn: expressOnly,
    async run({ start, problems }) {
      const { errorMiddleware } = await import('@faultline/express')
      const { recordingReporter } = await import('@faultline/core/testing')
      const reporter = recordingReporter()
      const options = { problems, reporter }
      const service = await start({
        options,
        onExpress(app, express) {
          const sub = express()
          const router = express.Router()
          router.get('/x', () => {
            throw new Error('deep inside')
          })
          router.use(errorMiddleware(options))
          sub.use('/router', router)
          sub.use(errorMiddleware(options))
          app.use('/sub', sub)
          app.use(errorMiddleware(options))
        },
      })
      isGeneric500(await service.ask('/sub/router/x'))
      await loggedOnce(service, /deep inside/)
      assert.equal(reporter.reports.length, 1)
    },
  },
]

function failingStream(firstChunk?: string): Readable {
  const chunks = firstChunk === undefined ? [] : [firstChunk]
  return new Readable({
    read() {
      const chunk = chunks.shift()
      // The chunk must be on its way before the stream breaks.
      if (chunk === undefined) setImmediate(() => this.destroy(new Error('broke half-way')))
      else this.push(chunk)
    },
  })
}

async function writeThenThrow({ rawResponse }: Exchange): Promise<never> {
  rawResponse.writeHead(200, { 'content-type': 'text/plain' })
  await new Promise((resolve) => rawResponse.write('first half', resolve))
  throw new Error('broke half-way')
}

async function answerThenThrow({ start }: Stage): Promise<Service> {
  let hasThrown = false
  const service = await start({
    routes: [
      get('/x', async ({ send, rawResponse }) => {
        const finished = once(rawResponse, 'finish')
        send({ ok: true })
        await finished
        hasThrown = true
        throw new Error('too late')
      }),
    ],
  })
  const answer = await service.ask('/x')
  assert.deepEqual([answer.status, answer.body], [200, { ok: true }])
  await until(() => hasThrown, 'the throw')
  return service
}
