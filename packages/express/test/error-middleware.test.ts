import http from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { defineProblems, mapError, standardProblems } from '@faultline/core'
import { recordingReporter } from '@faultline/core/testing'
import { asyncHandler, errorMiddleware, notFound } from '@faultline/express'
import express5, { type ErrorRequestHandler, type Request } from 'express'
import t from 'tap'
import { listen, loggedBy, onBoth, ours, serve } from './start.js'

const problems = defineProblems(
  { base: 'https://errors.shop.example/', include: standardProblems },
  { SoldOut: { status: 409, title: 'There is none left.' } },
)
const boom = () => {
  throw new Error('password=hunter2')
}
const silent = { debug() {}, info() {}, warn() {}, error() {} }

onBoth('as it is, answers a generic 500 and logs the error once', async (t, express) => {
  const { ask, lines } = await serve(t, express, (app) => app.get('/orders/:id', boom))
  const answer = await ask('/orders/7?token=hunter2')
  t.match(answer, { status: 500, body: { type: 'about:blank', title: 'Internal Server Error', status: 500 } })
  t.equal(answer.headers.get('content-type'), 'application/problem+json')
  t.notMatch(answer.text, /hunter2/)
  const record = {
    level: 50,
    method: 'GET',
    route: '/orders/:id',
    status: 500,
    err: { type: 'Error' },
    reqId: '1',
  }
  t.match(ours(lines), [record])
  t.equal(answer.body.instance, `urn:uuid:${ours(lines)[0]?.eventId}`)
})

onBoth(
  'a source that breaks in a pipeline is an error of ours, not a client that has gone',
  async (t, express) => {
    async function* halfway() {
      yield 'the first half'
      throw new Error('disk died')
    }
    const { ask, lines } = await serve(t, express, (app) =>
      app.get('/file', (_request, response, next) => {
        pipeline(Readable.from(halfway()), response, (error) => error && next(error))
      }),
    )
    await t.rejects(ask('/file'))
    while (ours(lines).length === 0) await setImmediate()
    t.match(ours(lines), [{ level: 50, phase: 'response-started', err: { message: 'disk died' } }])
  },
)

onBoth('with options, answers from the catalogue and reports what is unexpected', async (t, express) => {
  const reporter = recordingReporter()
  const app = express()
  app.set('trust proxy', boom)
  app.get('/sold-out', () => {
    throw new problems.SoldOut()
  })
  app.get('/boom', boom)
  app.use(
    errorMiddleware({
      problems,
      reporter,
      logger: silent,
      context: (request: Request) => ({ tags: { path: request.path } }),
    }),
  )
  const { ask } = await listen(t, app)
  t.match(await ask('/sold-out'), {
    status: 409,
    body: { type: 'https://errors.shop.example/sold-out', status: 409 },
  })
  await ask('/boom?a=1', { headers: { 'x-forwarded-for': '10.0.0.1' } })
  t.match(reporter.reports, [
    {
      request: { method: 'GET', url: '/boom', query: 'a=1', route: '/boom', status: 500 },
      tags: { path: '/boom' },
    },
  ])
})

t.test('names every mistake in the options, and none in those that notFound shares with it', async (t) => {
  t.throws(
    () => errorMiddleware({ debug: 'yes', methodNotAlowed: true } as never),
    /debug .*\n.*methodNotAlowed is no option/,
  )
  t.doesNotThrow(() => errorMiddleware({ methodNotAllowed: false }))
  t.equal(errorMiddleware.length, 4)
  t.equal(errorMiddleware({}).length, 4)
})

onBoth("gives pino-http's own line the same error", async (t, express) => {
  const { ask, lines } = await serve(t, express, (app) => app.get('/', boom))
  await ask('/')
  await setImmediate()
  const own = lines.filter((line) => line.msg === 'request errored')
  t.match(own, [{ err: { type: 'Error', message: /^password=/ } }])
  t.same(own[0]?.err, ours(lines)[0]?.err)
})

onBoth('names the request id once where the logger has bound it', async (t, express) => {
  const { lines, middleware } = loggedBy({ quietReqLogger: true })
  const app = express().use(middleware).get('/', boom)
  const { ask } = await listen(t, app.use(errorMiddleware))
  await ask('/')
  t.equal(ours(lines)[0]?.reqId, 1, 'the number of pino-http, for ours would be a text')
})

onBoth(
  'mounted twice, in a router and in a mounted application, answers, logs and reports once',
  async (t, express) => {
    const reporter = recordingReporter()
    const { lines, middleware } = loggedBy()
    const onErrors = errorMiddleware({ reporter })
    const router = express.Router().get('/boom', boom)
    router.use(onErrors)
    const inner = express()
      .get('/boom', boom)
      .get('/twice', (_request, _response, next) => {
        const error = new Error('twice')
        next(error)
        next(error)
      })
    const app = express()
      .use(middleware)
      .use('/router', router)
      .use('/app', inner.use(onErrors))
      .use('/bare', express().get('/boom', boom))
    const { ask } = await listen(t, app.use(onErrors, onErrors, errorMiddleware))
    for (const path of ['/router/boom', '/app/boom', '/bare/boom', '/app/twice']) {
      lines.length = reporter.reports.length = 0
      t.equal((await ask(path)).status, 500, path)
      t.equal(ours(lines).length, 1, `${path} is logged once`)
      t.match(reporter.reports, [{ request: { url: path } }], `${path} is reported once`)
    }
  },
)

onBoth('names the whole pattern of a route in nested routers', async (t, express) => {
  const { ask, lines } = await serve(t, express, (app) => {
    const orders = express.Router({ mergeParams: true }).get('/:order/lines', boom)
    orders.get('/', boom)
    const api = express.Router().use('/shops/:shop/orders', orders)
    app.use('/api', api)
    app.use('/same/:same/:other', express.Router().get('/', boom))
    app.get(/^\/plain/, boom)
    app.use('/bare', express().get('/:id', boom))
  })
  const paths = [
    '/api/shops/a%20b/orders/7/lines',
    '/api/shops/1/orders/',
    '/same/same/same',
    '/plain',
    '/bare/1',
  ]
  for (const path of paths) await ask(path)
  t.same(
    ours(lines).map((line) => line.route),
    [
      '/api/shops/:shop/orders/:order/lines',
      '/api/shops/:shop/orders',
      '/same/:same/:other',
      '/^\\/plain/',
      '/:id',
    ],
  )
})

t.test('Express 5: a mount path with a wildcard is named as it was written', async (t) => {
  const { ask, lines } = await serve(t, express5, (app) =>
    app.use('/tree/*dir', express5.Router().get('/', boom)),
  )
  await ask('/tree/a/b')
  t.equal(ours(lines)[0]?.route, '/tree/*dir')
})

onBoth(
  'takes the status that was set before the throw, and removes what described another body',
  async (t, express) => {
    const { ask } = await serve(t, express, (app) =>
      app.get('/', (_request, response) => {
        response.status(404).set({
          ETag: '"1"',
          'Cache-Control': 'public',
          'Content-Type': 'text/csv',
          Vary: 'Origin',
          'X-Frame-Options': 'DENY',
        })
        boom()
      }),
    )
    const { status, body, headers } = await ask('/')
    t.match({ status, body }, { status: 404, body: { status: 404, title: 'Not Found' } })
    t.equal(headers.get('etag'), null)
    t.equal(headers.get('cache-control'), 'no-store')
    t.equal(headers.get('x-frame-options'), 'DENY')
    t.equal(headers.get('vary'), 'Origin')
  },
)

onBoth('cuts a started response off, and writes nothing to an ended one', async (t, express) => {
  const { ask, lines } = await serve(t, express, (app) => {
    app.get('/started', (_request, response) => {
      response.write('half')
      boom()
    })
    app.get('/ended', (_request, response) => {
      response.send('whole')
      boom()
    })
  })
  await t.rejects(ask('/started'))
  t.equal((await ask('/ended')).text, 'whole')
  t.match(ours(lines), [{ phase: 'response-started' }, { phase: 'response-ended' }])
})

onBoth('writes nothing to a client that has gone, and does not report it', async (t, express) => {
  const reporter = recordingReporter()
  const { lines, middleware } = loggedBy()
  const app = express().use(middleware)
  const arrived = new Promise<http.ClientRequest>((resolve) => {
    app.get('/', (request, _response, next) => {
      request.socket.on('close', () => setImmediate().then(() => next(new Error('too late'))))
      resolve(sent)
    })
  })
  const { port } = await listen(t, app.use(errorMiddleware({ reporter })))
  const sent = http.get({ port, host: '127.0.0.1' }).on('error', () => {})
  ;(await arrived).destroy()
  while (ours(lines).length === 0) await setImmediate()
  t.match(ours(lines), [{ level: 20, err: { message: 'too late' } }])
  t.same(reporter.reports, [])
})

onBoth('survives a middleware that fails whenever a response is sent', async (t, express) => {
  const { ask, lines } = await serve(t, express, (app) =>
    app.get('/', (_request, response) => {
      response.end = () => {
        throw new Error('from the hook')
      }
      boom()
    }),
  )
  await t.rejects(ask('/'))
  t.match(ours(lines), [{ err: { message: /^password/ } }, { err: { message: 'from the hook' } }])
})

onBoth(
  'leaves an error to the application’s own error middleware, and takes what that passes on',
  async (t, express) => {
    const own: ErrorRequestHandler = (error, _request, response, next) =>
      error.message === 'mine' ? response.status(418).json({ own: true }) : next(error)
    const { ask } = await serve(t, express, (app) => {
      app.get('/mine', () => {
        throw new Error('mine')
      })
      app.get('/yours', boom)
      app.use(own)
    })
    t.match(await ask('/mine'), { status: 418, body: { own: true } })
    t.match(await ask('/yours'), { status: 500, body: { status: 500 } })
  },
)

onBoth(
  "lets the catalogue's own NotFound and MethodNotAllowed stand for the standard ones",
  async (t, express) => {
    const own = defineProblems(
      { base: 'https://errors.shop.example/' },
      {
        NotFound: { status: 404, title: 'Nothing here.' },
        MethodNotAllowed: { status: 405, title: 'Not like this.', allow: [] },
      },
    )
    const app = express()
      .get('/orders', asyncHandler(boom))
      .use(notFound)
      .use(errorMiddleware({ problems: own, logger: false }))
    const { ask } = await listen(t, app)
    t.match(await ask('/nowhere'), { status: 404, body: { type: 'https://errors.shop.example/not-found' } })
    const refused = await ask('/orders', { method: 'DELETE' })
    t.match(refused, { status: 405, body: { type: 'https://errors.shop.example/method-not-allowed' } })
    t.equal(refused.headers.get('allow'), 'GET, HEAD, OPTIONS')
  },
)

onBoth('maps errors of other libraries, body-parser’s without being told', async (t, express) => {
  class Overdrawn extends Error {}
  const app = express().use(express.json())
  app.get('/', () => {
    throw new Overdrawn()
  })
  app.use(errorMiddleware({ mappings: [mapError(Overdrawn, () => new problems.SoldOut())], logger: false }))
  const { ask } = await listen(t, app)
  t.equal((await ask('/')).status, 409)
  const headers = { 'content-type': 'application/json' }
  t.match(await ask('/', { method: 'POST', headers, body: '{"hunter2' }), {
    status: 400,
    body: { status: 400 },
  })
})
