import { errorPlugin } from '@faultline/fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { pino } from 'pino'
import t from 'tap'
import { loggedApp, logMemory } from './start.js'

const boom = async () => {
  throw new RangeError('boom')
}

t.test('an onSend hook that fails leaves nothing of the body it had begun', async (t) => {
  const { app, records } = await loggedApp()
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-encoding': 'gzip',
      etag: '"1"',
      'cache-control': 'public',
      vary: 'Origin',
      'x-shop': 'kept',
    })
    throw new Error('no gzip')
  })
  app.get('/', boom)
  const { headers, body } = await app.inject('/')
  t.notMatch(headers, { 'content-encoding': String })
  t.notMatch(headers, { etag: String })
  t.match(headers, {
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'content-length': String(body.length),
    vary: 'Origin',
    'x-shop': 'kept',
  })
  t.match(JSON.parse(body), { status: 500 })
  t.same(
    records.map((record) => record.err?.message),
    ['boom', 'no gzip'],
  )
})

t.test(
  'a hook that fails on every response is logged once, whatever the log makes of its message',
  async (t) => {
    for (const message of ['token=abc123secret failed', 'x'.repeat(20_000)]) {
      const { app, records } = await loggedApp()
      app.addHook('onSend', async () => {
        throw new Error(message)
      })
      app.get('/', async () => 'fine')
      t.equal((await app.inject('/')).statusCode, 500)
      t.equal(records.length, 1)
    }
  },
)

t.test('a hook that fails in the words of the error before it is another failure', async (t) => {
  for (const failure of [new TypeError('boom'), new RangeError('boom')]) {
    const { app, records } = await loggedApp()
    app.addHook('onSend', async () => {
      throw failure
    })
    app.get('/', boom)
    await app.inject('/')
    t.same(
      records.map((record) => record.err?.type),
      ['RangeError', failure.name],
    )
  }
})

t.test('what is no error, or cannot be read, fails in a hook like all else', async (t) => {
  const unreadable = Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('no message')
    },
  })
  for (const failure of ['a text', unreadable]) {
    const { app, records } = await loggedApp()
    app.addHook('onSend', async () => {
      throw failure
    })
    app.get('/', boom)
    t.match((await app.inject('/')).json(), { status: 500 })
    t.equal(records.length, 2)
  }
})

t.test('a header that cannot be written costs the client that header, not its answer', async (t) => {
  const { app, records } = await loggedApp()
  app.get('/', async (_request, reply) => {
    reply.header('x-note', 'two\nlines')
    throw new RangeError('boom')
  })
  const { statusCode, headers } = await app.inject('/')
  t.equal(statusCode, 500)
  t.match(records, [{ err: { message: 'boom' } }, { err: { code: 'ERR_INVALID_CHAR' } }])
  t.match(headers, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
})

t.test('an application’s own functions about a request may throw', async (t) => {
  const { app, records } = await loggedApp(
    {},
    {
      trustProxy: () => {
        throw new Error('proxy secret')
      },
      genReqId: (() => Object.create(null)) as never,
    },
  )
  app.get('/', boom)
  const answer = await app.inject('/')
  t.match(answer.json(), { type: 'about:blank', status: 500 })
  t.notMatch(answer.body, /proxy secret/)
  t.match(records, [{ err: { message: 'boom' } }])
})

t.test('a handler that fails after its reply is logged by its own scope, under its own name', async (t) => {
  const { app, records } = await loggedApp()
  const { stream, records: inner } = logMemory()
  const late = async function sendsThenFails(_request: FastifyRequest, reply: FastifyReply) {
    reply.send('sent')
    throw new Error('late')
  }
  let name: string | undefined
  app.addHook('onRoute', (route) => {
    name = route.handler.name
  })
  await app.register(async (child) => {
    await child.register(errorPlugin, { logger: pino(stream) })
    child.get('/inner', late)
  })
  app.get('/outer', late)
  t.equal(name, 'sendsThenFails')
  await app.inject('/inner')
  t.same([records.length, inner.length], [0, 1])
  await app.inject('/outer')
  t.same([records.length, inner.length], [1, 1])
})

t.test('a handler may return anything with a then', async (t) => {
  const { app } = await loggedApp()
  app.get('/query', () => ({
    // biome-ignore lint/suspicious/noThenProperty: like many a query, it starts when it is awaited, and gives nothing back
    then: (done: (rows: string[]) => void) => void setImmediate(done, ['row']),
  }))
  let starts = 0
  const lazy = new Promise<string>(() => {})
  // biome-ignore lint/suspicious/noThenProperty: as above
  lazy.then = (done) => {
    starts++
    return Promise.resolve('lazy').then(done) as never
  }
  app.get('/lazy', () => lazy)
  t.same((await app.inject('/query')).json(), ['row'])
  t.equal((await app.inject('/lazy')).body, 'lazy')
  t.equal(starts, 1)
})
