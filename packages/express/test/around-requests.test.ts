import { EventEmitter } from 'node:events'
import net from 'node:net'
import { addContext, currentContext, defineProblems } from '@faultline/core'
import { recordingReporter } from '@faultline/core/testing'
import {
  asyncHandler,
  errorMiddleware,
  notFound,
  problemDocs,
  requestContext,
  serverErrors,
} from '@faultline/express'
import t from 'tap'
import { listen, onBoth, ours, serve } from './start.js'

const problems = defineProblems(
  { base: 'https://shop.example/problems/' },
  {
    SoldOut: { status: 409, title: 'None <left>.', docs: 'Come *back*.', runbook: 'https://wiki.internal/x' },
  },
)
const traceId = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${traceId}-b7ad6b7169203331-01`
const boom = () => {
  throw new Error('boom')
}

onBoth('requestContext keeps an id, takes a sane one from the client, or makes one', async (t, express) => {
  const app = express()
  app.use('/kept', (request, _response, next) => {
    request.id = 'kept'
    next()
  })
  app.use(requestContext)
  app.use((request, response) => void response.json(request.id))
  const { ask } = await listen(t, app)
  const idFor = async (id: string, path = '/') => (await ask(path, { headers: { 'x-request-id': id } })).body
  t.equal(await idFor('abc-1.2:3', '/kept'), 'kept')
  t.equal(await idFor('abc-1.2:3'), 'abc-1.2:3')
  for (const id of ['', 'a b', '"x"', 'é', 'x'.repeat(129)])
    t.match(await idFor(id), /^[\da-f-]{36}$/, id.slice(0, 9))
})

onBoth('the context follows detached tasks, and concurrent requests do not mix', async (t, express) => {
  const reporter = recordingReporter()
  const bus = new EventEmitter()
  const app = express().use(requestContext)
  app.get(
    '/:name',
    asyncHandler(async (request, _response) => {
      addContext({ tags: { name: String(request.params.name) } })
      await new Promise((resolve) => setTimeout(resolve, 20))
      throw new Error(currentContext()?.tags?.name)
    }),
  )
  // fails in the context of whoever emits, as callbacks of a pool do
  app.post('/lost', (_request, _response, next) => {
    addContext({ tags: { name: 'lost' } })
    bus.once('fail', () => next(new Error('lost')))
    setImmediate(() => bus.emit('ready'))
  })
  app.post('/emits', (_request, response) => {
    bus.emit('fail')
    response.send()
  })
  app.use(errorMiddleware({ reporter, logger: false }))
  const { ask } = await listen(t, app)
  await Promise.all([ask('/a', { headers: { traceparent } }), ask('/b')])
  const ready = new Promise((resolve) => bus.once('ready', resolve))
  const lost = ask('/lost', { method: 'POST' })
  await ready
  await ask('/emits', { method: 'POST' })
  await lost
  for (const { message, tags } of reporter.reports) t.equal(tags?.name, message)
  t.match(reporter.reports.find(({ message }) => message === 'a')?.trace, { traceId })
  t.type(reporter.reports[0]?.request?.durationMs, 'number')
})

onBoth('requestContext with a reporter that counts tells it of every answer once', async (t, express) => {
  const reporter = recordingReporter()
  const options = { reporter, logger: false } as const
  const app = express().use(requestContext, requestContext(options), requestContext(options))
  const orders = express.Router().get('/:id', (_request, response) => void response.json({}))
  app.use('/orders', orders).get('/boom', boom)
  app.get('/gone', (request) => void request.socket.destroy())
  const { ask } = await listen(t, app.use(notFound, errorMiddleware(options)))
  for (const path of ['/orders/7', '/orders/8', '/boom', '/nope']) await ask(path)
  await t.rejects(ask('/gone'))
  await ask('/boom', { method: 'POST' })
  t.same(
    reporter.requests.map(({ route, statusCode }) => [route, statusCode]),
    [
      ['/orders/:id', 200],
      ['/orders/:id', 200],
      ['/boom', 500],
      ['', 404],
      ['', 405],
    ],
  )
})

onBoth('a reporter that fails at counting, or does not count, hurts nobody', async (t, express) => {
  const { countRequest: _, ...deaf } = recordingReporter()
  for (const reporter of [deaf, { ...deaf, countRequest: boom }]) {
    const app = express().use(requestContext({ reporter }))
    app.get('/', (_request, response) => void response.send('fine'))
    const { ask } = await listen(t, app)
    t.equal((await ask('/')).text, 'fine')
  }
})

onBoth('trace and id are the same in log and body; without AsyncLocalStorage too', async (t, express) => {
  const { ask, lines } = await serve(t, express, (app) => app.get('/', boom))
  const { body } = await ask('/', { headers: { traceparent } })
  t.equal(body.traceId, traceId)
  t.match(ours(lines), [{ traceId, reqId: '1' }])
  t.equal((await ask('/', { headers: { traceparent: 'nonsense' } })).body.traceId, undefined)

  const app = express().use(requestContext({ asyncContext: false }))
  const detached = await listen(
    t,
    app.get('/', (request, response) => void response.json([typeof request.id, currentContext() ?? null])),
  )
  t.same((await detached.ask('/')).body, ['string', null])
})

onBoth(
  'problemDocs serves the page behind a type, as HTML or JSON, and passes everything else on',
  async (t, express) => {
    const { ask } = await serve(t, express, (app) => {
      app.use('/problems', problemDocs(problems))
      app.use(
        '/elsewhere',
        problemDocs(
          defineProblems({ base: 'https://errors.example/' }, { Other: { status: 400, title: 'Other' } }),
        ),
      )
      app.use(notFound)
    })
    const html = await ask('/problems/sold-out/', { headers: { accept: 'text/html,*/*;q=0.1' } })
    t.match(html, { status: 200, text: /None &lt;left&gt;\.[\s\S]*Come <em>back/ })
    t.equal(html.headers.get('content-type'), 'text/html; charset=utf-8')
    t.equal(html.headers.get('vary'), 'Accept')
    const head = await ask('/problems/sold-out', { method: 'HEAD', headers: { accept: 'text/html' } })
    t.equal(head.headers.get('content-length'), html.headers.get('content-length'))
    const json = await ask('/problems/sold-out?x=1', { headers: { accept: 'application/json' } })
    t.match(json.body, { name: 'SoldOut', type: 'https://shop.example/problems/sold-out', status: 409 })
    t.notMatch(json.text + html.text, /wiki\.internal/)
    t.equal((await ask('/elsewhere/other')).status, 200)
    t.match(await ask('/problems/nothing'), { status: 404, body: { status: 404 } })
    t.match(await ask('/problems/sold-out', { method: 'POST' }), { status: 404, body: { status: 404 } })
  },
)

onBoth('serverErrors answers what never becomes a request', async (t, express) => {
  const { server, port } = await listen(t, express())
  serverErrors(server, { problems, logger: false, methodNotAllowed: false })
  const raw = (request: string) =>
    new Promise<string>((resolve) => {
      let answer = ''
      const socket = net.connect(port, '127.0.0.1', () => socket.write(request))
      socket.setEncoding('utf8').on('data', (chunk) => {
        answer += chunk
      })
      socket.on('close', () => resolve(answer)).on('error', () => {})
    })
  for (const [request, status] of [
    ['hunter2 GARBAGE\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['GET /hunter2 HTTP/1.1\r\nhost: a\r\n', 408],
  ] as const) {
    const answer = await raw(request)
    t.match(
      answer,
      new RegExp(
        `^HTTP/1.1 ${status} .*application/problem\\+json.*connection: close.*"status":${status}`,
        's',
      ),
    )
    t.notMatch(answer, /hunter2/)
  }
})

t.test('serverErrors names mistakes in the options', async (t) => {
  t.throws(() => serverErrors(new EventEmitter(), { debug: 1 } as never), /debug/)
})
