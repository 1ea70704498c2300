import { problem } from '@faultline/core'
import { recordingReporter } from '@faultline/core/testing'
import { errorPlugin, serverErrors } from '@faultline/fastify'
import Fastify from 'fastify'
import { pino } from 'pino'
import t from 'tap'
import { appWith, logMemory } from './start.js'

t.test('a reporter that counts is told of every answer once, by its route', async (t) => {
  const reporter = recordingReporter()
  const app = await appWith({ reporter }, serverErrors({ reporter, logger: false }))
  app.get('/orders/:id', async () => ({}))
  app.get('/boom', async () => {
    throw new Error('boom')
  })
  app.get('/hook', { onSend: async () => Promise.reject(new Error('hook')) }, async () => '')
  app.get('/raw', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(204).end()
  })
  for (const path of ['/orders/7', '/orders/8', '/boom', '/hook', '/raw', '/nope', '/%ff'])
    await app.inject(path)
  await app.inject({ method: 'POST', url: '/boom' })
  t.same(reporter.requests, [
    { route: '/orders/:id', statusCode: 200 },
    { route: '/orders/:id', statusCode: 200 },
    { route: '/boom', statusCode: 500 },
    { route: '/hook', statusCode: 500 },
    { route: '/raw', statusCode: 204 },
    { route: '', statusCode: 404 },
    { route: '', statusCode: 400 },
    { route: '', statusCode: 405 },
  ])
})

t.test('a child scope counts for its own reporter, if that one counts', async (t) => {
  const outer = recordingReporter()
  const inner = recordingReporter()
  const { countRequest: _, ...deaf } = recordingReporter()
  const app = await appWith({ reporter: outer })
  for (const [path, reporter] of Object.entries({ '/own': inner, '/outer': deaf })) {
    await app.register(async (child) => {
      await child.register(errorPlugin, { reporter, logger: false })
      child.get(path, async () => '')
    })
  }
  for (const path of ['/own', '/outer']) await app.inject(path)
  t.same(
    [outer, inner].map(({ requests }) => requests.map(({ route }) => route)),
    [['/outer'], ['/own']],
  )
})

t.test('a reporter that does not count, or cannot, costs no request anything', async (t) => {
  const { countRequest: _, ...deaf } = recordingReporter()
  const hooks: string[] = []
  const app = Fastify()
  const { addHook } = app
  app.addHook = ((name: string, ...rest: never[]) => {
    hooks.push(name)
    return (addHook as (...args: unknown[]) => typeof app).call(app, name, ...rest)
  }) as typeof addHook
  await app.register(errorPlugin, { reporter: deaf })
  t.notOk(hooks.includes('onResponse'))

  for (const countRequest of [
    () => {
      throw new Error('broken')
    },
    async () => Promise.reject(new Error('broken')),
  ]) {
    const { stream, records } = logMemory()
    const broken = await appWith(
      { reporter: { ...deaf, countRequest } },
      { logger: { level: 'debug', stream } },
    )
    broken.get('/', async () => 'fine')
    t.equal((await broken.inject('/')).body, 'fine')
    await new Promise(setImmediate)
    t.same(records, [])
  }
})

t.test('a logger of one’s own gets the request id, which only the request’s own has bound', async (t) => {
  const { stream, records } = logMemory()
  const app = await appWith({ logger: pino(stream) }, { logger: { level: 'silent' } })
  app.get('/', async () => {
    throw problem(404)
  })
  await app.inject('/')
  t.match(records, [{ reqId: 'req-1' }])
})
