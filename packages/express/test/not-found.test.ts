import { setTimeout } from 'node:timers/promises'
import { notFound } from '@faultline/express'
import type { RequestHandler } from 'express'
import express4 from 'express4'
import t, { type Test } from 'tap'
import { type Answer, onBoth, serve } from './start.js'

const ok: RequestHandler = (request, response) => void response.json(request.params)
const pass: RequestHandler = (_request, _response, next) => next()

onBoth('an unknown path is a 404, a known one with another method a 405 with Allow', async (t, express) => {
  const { ask } = await serve(t, express, (app) => {
    app.get('/orders/:id', ok).post('/orders/:id', ok).post('/only', ok)
    app.route('/chain').get(ok).put(ok)
    app.use(notFound)
  })
  t.match(await ask('/nowhere?token=hunter2'), {
    status: 404,
    body: { type: 'about:blank', title: 'Not Found' },
  })
  t.equal(allow(t, await ask('/orders/7?x=/y', { method: 'DELETE' })), 'GET, HEAD, OPTIONS, POST')
  t.equal(allow(t, await ask('/chain/', { method: 'POST' })), 'GET, HEAD, OPTIONS, PUT')
  t.equal(allow(t, await ask('/only')), 'OPTIONS, POST')
  t.equal((await ask('/only', { method: 'HEAD' })).status, 405)
})

onBoth(
  'nested routers are read, applications that are mounted are not, unless they ask themselves',
  async (t, express) => {
    const { ask } = await serve(t, express, (app) => {
      const orders = express.Router({ mergeParams: true }).post('/', ok)
      orders.get('/:order', ok)
      app.use('/api', express.Router().use('/shops/:shop/orders', orders))
      app.use(['/a', '/b'], express.Router().get('/x', ok))
      app.use('/dumb', express().get('/x', ok))
      app.use('/asks', express().get('/x', ok).use(notFound))
      const inner = express.Router().get('/x', ok)
      inner.use(notFound)
      app.use('/deep', express().use('/inner', inner))
      app.use(notFound)
    })
    t.equal(allow(t, await ask('/api/shops/1/orders', { method: 'PUT' })), 'OPTIONS, POST')
    t.equal(allow(t, await ask('/api/shops/1/orders/2', { method: 'PUT' })), 'GET, HEAD, OPTIONS')
    t.equal(allow(t, await ask('/b/x', { method: 'PUT' })), 'GET, HEAD, OPTIONS')
    t.equal(allow(t, await ask('/asks/x', { method: 'PUT' })), 'GET, HEAD, OPTIONS')
    t.equal(allow(t, await ask('/deep/inner/x', { method: 'PUT' })), 'GET, HEAD, OPTIONS')
    for (const path of ['/dumb/x', '/shops/1/orders', '/api', '/deep/x', '/apishops/1/orders']) {
      t.equal((await ask(path, { method: 'PUT' })).status, 404, path)
    }
  },
)

onBoth('a path is not known by handlers that have passed on, or by CORS alone', async (t, express) => {
  const { ask } = await serve(t, express, (app) => {
    app.route('/every').all(pass)
    app.all('/all', pass).get('/passed', pass).delete('/passed', ok)
    app.options(/.*/, pass)
    app.use('/opaque', (request, response, next) =>
      request.method === 'GET' ? void response.send() : next(),
    )
    app.use(notFound)
  })
  for (const path of ['/every', '/all', '/passed', '/nowhere']) t.equal((await ask(path)).status, 404, path)
  t.equal((await ask('/opaque', { method: 'PUT' })).status, 404)
})

onBoth('OPTIONS of a known path is left to Express, of an unknown one it is a 404', async (t, express) => {
  const { ask } = await serve(t, express, (app) => {
    app.get('/orders', ok).use('/api', express.Router().get('/x', ok))
    app.use(notFound({ methodNotAllowed: false }))
  })
  for (const path of ['/orders', '/api/x']) {
    const answer = await ask(path, { method: 'OPTIONS' })
    t.equal(answer.status, 200)
    t.match(answer.headers.get('allow'), /GET/)
  }
  t.match(await ask('/nowhere', { method: 'OPTIONS' }), { status: 404, body: { status: 404 } })
  t.match(await ask('/orders', { method: 'PUT' }), { status: 404, body: { status: 404 } })
})

onBoth('an absolute request target is read like any other', async (t, express) => {
  const { port } = await serve(t, express, (app) => app.get('/orders', ok).use(notFound))
  const { request } = await import('node:http')
  const status = await new Promise((resolve) => {
    request({ port, host: '127.0.0.1', method: 'PUT', path: 'http://shop.example/orders' }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).end()
  })
  t.equal(status, 405)
})

onBoth('reading the routers leaves the parameters of other requests alone', async (t, express) => {
  const { ask } = await serve(t, express, (app) => {
    app.get('/orders/:id', async (request, response) => {
      await setTimeout(30)
      response.json(request.params)
    })
    app.use(notFound)
  })
  const slow = ask('/orders/mine')
  t.equal((await ask('/orders/other', { method: 'PUT' })).status, 405)
  t.same((await slow).body, { id: 'mine' })
})

t.test('routers that cannot be read keep 404, and nothing throws', async (t) => {
  const circular: { stack: object[] } = { stack: [] }
  circular.stack.push({ handle: circular, match: () => true })
  const apps: unknown[] = [
    undefined,
    {},
    { router: 7 },
    { router: { stack: [null] } },
    { router: { stack: [{ route: { path: '/' }, match: () => true }] } },
    { router: circular },
    Object.defineProperty({}, 'router', { get: () => JSON.parse('') }),
  ]
  for (const app of apps) {
    let passed: unknown
    notFound({ method: 'GET', url: '/', headers: {}, app }, {} as never, (error) => {
      passed = error
    })
    t.match(passed, { status: 404 })
  }
})

// What allowed-methods.ts and route-pattern.ts hold on to. If this fails, Express has changed inside: mend routers.ts.
onBoth('the private shapes of its routers are as we know them', async (t, express) => {
  const nested = express.Router().get('/inner', ok)
  const app = express().get('/orders/:id', ok).use('/api/:v', nested)
  const router = Reflect.get(app, express === express4 ? '_router' : 'router') as { stack: Layer[] }
  const [route, mount] = router.stack.slice(-2) as [Layer, Layer]
  t.match(route, { route: { path: '/orders/:id', methods: { get: true } } })
  t.ok(route.match('/orders/7'))
  t.equal(mount.route, undefined)
  t.equal(mount.handle, nested)
  t.match(nested.stack, [{ route: { path: '/inner' } }])
  const found = mount.match('/api/2/inner')
  t.match(typeof found === 'object' ? found : mount, { path: '/api/2', params: { v: '2' } })
  t.equal(mount.match('/other'), false)
})

t.test(
  'the router of Express 5 is also read when it keeps what it matched on the layer, as router 2.2 did',
  async (t) => {
    const layer = { route: { path: '/x', methods: { get: true } }, path: '/x', params: {}, match: () => true }
    const mount = { handle: { stack: [layer] }, path: '/api', params: {}, match: () => true }
    let passed: unknown
    notFound(
      { method: 'PUT', url: '/api/x', headers: {}, app: { router: { stack: [mount] } } },
      {} as never,
      (error) => {
        passed = error
      },
    )
    t.match(passed, { status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } })
  },
)

interface Layer {
  route?: object
  handle: unknown
  match(path: string): unknown
}

function allow(t: Test, answer: Answer): string | null {
  t.match(answer, { status: 405, body: { status: 405, title: 'Method Not Allowed' } })
  return answer.headers.get('allow')
}
