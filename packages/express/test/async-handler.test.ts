import { asyncHandler } from '@faultline/express'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import t from 'tap'
import { onBoth, ours, serve } from './start.js'

const falsy: [unknown, RegExp][] = [
  [undefined, /undefined/],
  [null, /null/],
  [false, /false/],
  [0, /0/],
  ['', /""/],
  [Number.NaN, /NaN/],
  ['route', /"route"/],
  ['router', /"router"/],
]

onBoth('whatever a handler throws reaches the error middleware', async (t, express) => {
  const ways = (value: unknown): Record<string, RequestHandler> => ({
    '/sync': () => {
      throw value
    },
    '/async': async () => {
      throw value
    },
    // biome-ignore lint/suspicious/noThenProperty: like the queries of many a database library
    '/thenable': () => ({ then: (_done: unknown, fail: (reason: unknown) => void) => fail(value) }),
  })
  const { ask, lines } = await serve(t, express, (app) => {
    falsy.forEach(([value], at) => {
      for (const [path, handler] of Object.entries(ways(value)))
        app.get(`/${at}${path}`, asyncHandler(handler))
    })
    app.use((_request, response) => void response.send('went on'))
  })
  for (const [at, [value, named]] of falsy.entries()) {
    for (const path of Object.keys(ways(value))) {
      lines.length = 0
      t.equal((await ask(`/${at}${path}`)).status, 500, `${String(value)} of ${path}`)
      t.match(ours(lines), [{ err: { message: /^No error but .* was thrown$/ } }])
      t.match(ours(lines)[0]?.err?.message, named)
    }
  }
})

onBoth('next() works as ever: to the next handler, the next route, or with an error', async (t, express) => {
  const { ask } = await serve(t, express, (app) => {
    const go = (how?: unknown) =>
      asyncHandler(async (_request: Request, _response: Response, next: NextFunction) => next(how))
    app.get('/next', go(), (_request, response) => void response.send('next'))
    app.get('/route', go('route'), (_request, response) => void response.send('same route'))
    app.get('/route', (_request, response) => void response.send('next route'))
    app.get('/error', go(new Error('no')))
  })
  t.equal((await ask('/next')).text, 'next')
  t.equal((await ask('/route')).text, 'next route')
  t.equal((await ask('/error')).status, 500)
})

onBoth('an error that was handed on and thrown as well is told once', async (t, express) => {
  const printed = t.capture(console, 'error', () => undefined)
  const handOn = (error: unknown, thrown = error) => ({
    sync: asyncHandler((_request: Request, _response: Response, next: NextFunction) => {
      next(error)
      throw thrown
    }),
    async: asyncHandler(async (_request: Request, _response: Response, next: NextFunction) => {
      next(error)
      throw thrown
    }),
  })
  const { ask, lines } = await serve(t, express, (app) => {
    app.set('env', 'production') // Express prints nothing in a test
    for (const [way, handler] of Object.entries(handOn(new Error('twice')))) app.get(`/${way}`, handler)
    app.get('/text', handOn('a text').async)
  })
  for (const path of ['/sync', '/async', '/text']) {
    lines.length = 0
    t.equal((await ask(path)).status, 500, path)
    await new Promise(setImmediate)
    t.equal(ours(lines).length, 1, path)
  }
  t.same(printed(), [])
})

onBoth('error middlewares and handlers of app.param are wrapped too', async (t, express) => {
  const { ask, lines } = await serve(t, express, (app) => {
    app.param(
      'id',
      asyncHandler(async () => Promise.reject(new Error('from param'))),
    )
    app.get('/param/:id', (_request, response) => void response.send('ok'))
    app.get('/throws', () => {
      throw new Error('first')
    })
    app.use(
      asyncHandler(async (error: Error, _request: Request, _response: Response, _next: NextFunction) => {
        throw new Error(`after ${error.message}`)
      }),
    )
  })
  t.equal((await ask('/param/7')).status, 500)
  t.equal((await ask('/throws')).status, 500)
  t.match(ours(lines), [{ err: { message: 'after from param' } }, { err: { message: 'after first' } }])
})

t.test('keeps this, arguments, result, length and name', async (t) => {
  const wrapped = asyncHandler(function show(this: unknown, a: number, b: number) {
    return [this, a, b]
  })
  const self = {}
  t.same((wrapped as (...args: unknown[]) => unknown).call(self, 1, 2), [self, 1, 2])
  t.equal(wrapped.length, 2)
  t.equal(wrapped.name, 'show')
})

onBoth('types: the handler knows its parameters from where it stands', async (t, express) => {
  const { ask } = await serve(t, express, (app) => {
    app.get(
      '/orders/:id',
      asyncHandler(async (request, response) => {
        const id: string = request.params.id
        // @ts-expect-error: there is no such parameter
        request.params.nothing
        response.json({ id })
      }),
    )
  })
  t.same((await ask('/orders/7')).body, { id: '7' })
})
