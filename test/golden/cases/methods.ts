import assert from 'node:assert/strict'
import type { Answer } from '../ask.js'
import type { GoldenCase } from '../case.js'
import { get, post, throwing } from '../exchange.js'
import { isGeneric500, isPlainProblem, isProblem } from '../expect.js'
import type { Framework } from '../start-service.js'

const expressOnly = { fastify: 'about the routers of Express' }
const fastifyReason = "about Fastify's encapsulated scopes; Express's routers are the next case"
const fastifyOnly = { express5: fastifyReason, express4: fastifyReason }

export const methodCases: GoldenCase[] = [
  {
    number: '42',
    title: 'a known path with a wrong method is a 405 with Allow',
    async run({ start, framework }) {
      const ok = () => ({ ok: true })
      const service = await start({
        routes: [get('/orders/:id', ok), post('/orders/:id', ok), get('/list', ok)],
      })
      isNotAllowed(await service.ask('/orders/7', { method: 'DELETE' }), framework, ['GET', 'HEAD', 'POST'])
      isNotAllowed(await service.ask('/list?x=1', { method: 'PUT' }), framework, ['GET', 'HEAD'])
      isPlainProblem(await service.ask('/nowhere', { method: 'DELETE' }), 404)
    },
  },
  {
    number: '42',
    title: 'HEAD is not allowed where GET is not',
    async run({ start, framework }) {
      const service = await start({ routes: [post('/orders', () => ({ ok: true }))] })
      isNotAllowed(await service.ask('/orders'), framework, ['POST'])
      const head = await service.ask('/orders', { method: 'HEAD' })
      assert.equal(head.status, 405)
      assert.equal(head.bytes.length, 0)
    },
  },
  {
    number: '42',
    title: 'a wrong method stays a 404 by option',
    ownApi: true,
    async run({ start }) {
      const service = await start({
        options: { methodNotAllowed: false },
        routes: [get('/orders', () => ({ ok: true }))],
      })
      isPlainProblem(await service.ask('/orders', { method: 'DELETE' }), 404)
    },
  },
  {
    number: '42',
    title: 'OPTIONS is answered by the framework where it does that, and a 405 where it does not',
    async run({ start, framework }) {
      const service = await start({ routes: [get('/orders', () => ({ ok: true }))] })
      const answer = await service.ask('/orders', { method: 'OPTIONS' })
      if (framework === 'fastify') isNotAllowed(answer, framework, ['GET', 'HEAD'])
      else assert.equal(answer.status, 200)
    },
  },
  {
    number: '42',
    title: 'nested routers, mounted with parameters, are read for the Allow of a 405',
    notOn: expressOnly,
    async run({ start, framework }) {
      const service = await start({
        onExpress(app, express) {
          const orders = express.Router({ mergeParams: true })
          orders.route('/:order/lines').get((_request, response) => void response.json({ ok: true }))
          orders.post('/', (_request, response) => void response.json({ ok: true }))
          const api = express.Router()
          api.use('/shops/:shop/orders', orders)
          app.use('/api', api)
        },
      })
      isNotAllowed(await service.ask('/api/shops/1/orders/7/lines', { method: 'POST' }), framework, [
        'GET',
        'HEAD',
      ])
      isNotAllowed(await service.ask('/api/shops/1/orders', { method: 'PUT' }), framework, ['POST'])
      isPlainProblem(await service.ask('/api/shops/1/nothing'), 404)
      isPlainProblem(await service.ask('/shops/1/orders', { method: 'PUT' }), 404)
    },
  },
  {
    number: '42',
    title: 'a router that cannot be read keeps 404',
    notOn: expressOnly,
    async run({ start }) {
      const service = await start({
        onExpress(app) {
          app.use('/opaque', (request, response, next) => {
            if (request.method === 'GET') response.json({ ok: true })
            else next()
          })
        },
      })
      isPlainProblem(await service.ask('/opaque', { method: 'DELETE' }), 404)
    },
  },
  {
    number: '44',
    title: "a scope's own error handler wins there and falls back to ours when it throws",
    notOn: fastifyOnly,
    async run({ start }) {
      const service = await start({
        async onFastify(app) {
          await app.register(async (scope) => {
            scope.setErrorHandler((error: Error, _request, reply) => {
              if (error.message === 'unhandled') throw error
              void reply.code(418).send({ own: true })
            })
            scope.get('/own', async () => {
              throw new Error('handled')
            })
            scope.get('/fallback', async () => {
              throw new Error('unhandled')
            })
          })
        },
        routes: [throwing('/ours', () => new Error('x'))],
      })
      const own = await service.ask('/own')
      assert.deepEqual([own.status, own.body], [418, { own: true }])
      isGeneric500(await service.ask('/fallback'))
      isGeneric500(await service.ask('/ours'))
    },
  },
  {
    number: '44',
    title: "a scope's own not-found handler wins there and falls back to ours when it throws",
    notOn: fastifyOnly,
    async run({ start }) {
      const service = await start({
        async onFastify(app) {
          await app.register(
            async (scope) => {
              scope.setNotFoundHandler(async (request, reply) => {
                if (request.url.endsWith('broken')) throw new Error('broken')
                return reply.code(404).send({ own: true })
              })
            },
            { prefix: '/scope' },
          )
        },
      })
      assert.deepEqual((await service.ask('/scope/nowhere')).body, { own: true })
      isGeneric500(await service.ask('/scope/broken'))
      isPlainProblem(await service.ask('/nowhere'), 404)
    },
  },
  {
    number: '44',
    title: "a router's own error handler wins there, and what it passes on is ours",
    notOn: expressOnly,
    async run({ start }) {
      const service = await start({
        onExpress(app, express) {
          const router = express.Router()
          router.get('/own', () => {
            throw new Error('handled')
          })
          router.get('/fallback', () => {
            throw new Error('unhandled')
          })
          router.use(((error, _request, response, next) => {
            if (error.message === 'unhandled') next(error)
            else response.status(418).json({ own: true })
          }) as import('express').ErrorRequestHandler)
          app.use(router)
        },
      })
      const own = await service.ask('/own')
      assert.deepEqual([own.status, own.body], [418, { own: true }])
      isGeneric500(await service.ask('/fallback'))
    },
  },
  {
    number: '44',
    title: 'notFound: false leaves the root not-found handler to the application',
    ownApi: true,
    notOn: fastifyOnly,
    async run({ start }) {
      const service = await start({
        options: { notFound: false },
        onFastify: (app) =>
          app.setNotFoundHandler((_request, reply) => void reply.code(404).send({ own: true })),
      })
      assert.deepEqual((await service.ask('/nowhere')).body, { own: true })
    },
  },
  ...[undefined, '/child'].map(
    (prefix): GoldenCase => ({
      number: '44',
      title: `a second errorPlugin in a child scope ${prefix ? 'with' : 'without'} a prefix overrides options there`,
      ownApi: true,
      notOn: fastifyOnly,
      async run({ start, problems }) {
        const { errorPlugin } = await import('@faultline/fastify')
        const fail = async () => {
          throw new problems.Busy()
        }
        const service = await start({
          async onFastify(app) {
            await app.register(
              async (scope) => {
                await scope.register(errorPlugin, {
                  problems,
                  customize: (problem) => ({ ...problem, place: 'child' }),
                })
                scope.get('/busy', fail)
              },
              prefix === undefined ? {} : { prefix },
            )
            app.get('/root-busy', fail)
          },
        })
        isProblem(await service.ask(`${prefix ?? ''}/busy`), 503, { place: 'child' })
        const root = await service.ask('/root-busy')
        isProblem(root, 503)
        assert.equal(root.body.place, undefined)
        isPlainProblem(await service.ask('/nowhere'), 404)
      },
    }),
  ),
]

function isNotAllowed(answer: Answer, framework: Framework, methods: string[]): void {
  isPlainProblem(answer, 405)
  // Express answers OPTIONS by itself.
  const allowed = framework === 'fastify' ? methods : [...methods, 'OPTIONS'].sort()
  assert.deepEqual(
    String(answer.headers.allow)
      .split(/\s*,\s*/)
      .sort(),
    allowed,
  )
}
