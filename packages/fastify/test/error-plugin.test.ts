import { defineProblems, type ProblemError, standardProblems } from '@faultline/core'
import { type ErrorPluginOptions, errorPlugin, serverErrors } from '@faultline/fastify'
import Fastify from 'fastify'
import t from 'tap'
import { appWith } from './start.js'

const problems = defineProblems(
  { base: 'https://errors.shop.example/problems/', include: standardProblems },
  {
    OutOfCredit: {
      status: 403,
      title: 'You do not have enough credit.',
      extensions: { static: {} as { balance: number } },
      docs: 'Earn **more**.',
    },
  },
)

/** The symbols that internals.ts looks for, on a live reply: a later Fastify may have other ones. */
t.test('Fastify still has the two internals that this adapter needs', async (t) => {
  const app = Fastify()
  let symbols: (string | undefined)[] = []
  app.setErrorHandler((_error, _request, reply) => {
    symbols = Object.getOwnPropertySymbols(reply).map((symbol) => symbol.description)
    reply.send('handled')
  })
  app.get('/', async () => {
    throw new Error('x')
  })
  await app.inject('/')
  t.ok(symbols.includes('fastify.reply.nextErrorHandler'))
  t.ok(Object.getOwnPropertySymbols(app).some((symbol) => symbol.description === 'fastify.logController'))
})

t.test('reply.problem answers with a status, or with a class of the catalogue', async (t) => {
  const app = await appWith({ problems })
  app.get('/status', (_request, reply) => reply.problem(409, { detail: 'Twice.' }))
  app.get('/text', (_request, reply) => reply.problem(404, 'No order 7.', { order: 7 }))
  app.get('/extensions', (_request, reply) => reply.problem(404, undefined, { order: 7 }))
  app.get('/class', async (_request, reply) => reply.problem(problems.OutOfCredit, { balance: 30 }))
  t.match((await app.inject('/status')).json(), { type: 'about:blank', status: 409, detail: 'Twice.' })
  t.match((await app.inject('/text')).json(), { status: 404, detail: 'No order 7.', order: 7 })
  t.match((await app.inject('/extensions')).json(), { status: 404, order: 7 })
  t.match((await app.inject('/class')).json(), { title: 'You do not have enough credit.', balance: 30 })
  await app.close()
})

t.test('two not-found handlers: Fastify’s boot error says what to do, whoever comes first', async (t) => {
  const after = await appWith()
  const cure = { name: 'NotFoundHandlerTwice', message: /\{ notFound: false \}/ }
  t.throws(() => after.setNotFoundHandler(() => 'mine'), cure)
  const before = Fastify()
  before.setNotFoundHandler(() => 'mine')
  await t.rejects(async () => before.register(errorPlugin), cure)
  const own = await appWith({ notFound: false })
  own.setNotFoundHandler(() => 'mine')
  t.equal((await own.inject('/nope')).body, 'mine')
})

t.test('a child scope has options of its own, with and without a prefix', async (t) => {
  const app = await appWith()
  const fail = async () => {
    throw Object.assign(new Error('x'), { validation: [], validationContext: 'body', statusCode: 400 })
  }
  app.get('/outer', fail)
  await app.register(async (child) => {
    await child.register(errorPlugin, { validationStatus: 422, logger: false })
    child.get('/inner', fail)
  })
  await app.register(
    async (child) => {
      const { NotFound } = defineProblems({}, { NotFound: { status: 404, title: 'Not in here.' } })
      await child.register(errorPlugin, { validationStatus: 422, problems: { NotFound }, logger: false })
      child.get('/inner', fail)
    },
    { prefix: '/deep' },
  )
  const statusOf = async (url: string) => (await app.inject(url)).statusCode
  t.same([await statusOf('/outer'), await statusOf('/inner'), await statusOf('/deep/inner')], [400, 422, 422])
  t.match((await app.inject('/nope')).json(), { title: 'Not Found' })
  t.match((await app.inject('/deep/nope')).json(), { title: 'Not in here.' })
})

t.test('405 names the methods of the path; a path that only CORS answers is a 404', async (t) => {
  const app = await appWith()
  app.options('*', async () => '')
  app.get('/orders/:id', async () => '')
  app.route({ method: ['PUT', 'DELETE'], url: '/orders/latest', handler: async () => '' })
  const answer = await app.inject({ method: 'POST', url: '/orders/latest?x=1' })
  t.equal(answer.statusCode, 405)
  t.same((answer.headers.allow as string).split(', ').sort(), ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT'])
  t.equal((await app.inject({ method: 'POST', url: '/nope' })).statusCode, 404)
  const without = await appWith({ methodNotAllowed: false })
  without.get('/x', async () => '')
  t.equal((await without.inject({ method: 'POST', url: '/x' })).statusCode, 404)
})

t.test('docs at the root make no path known: 404 and 405 stay what they were', async (t) => {
  const app = await appWith({ problems, docs: '/' })
  app.post('/orders', async () => '')
  t.equal((await app.inject('/problems/out-of-credit')).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/nothing' })).statusCode, 404)
  t.equal((await app.inject({ method: 'PUT', url: '/orders' })).headers.allow, 'POST')
  t.equal((await app.inject('/orders')).headers.allow, 'POST', 'asked with GET, which the docs answer')
})

t.test('the pages behind the types are served where docs says, to people and to programs', async (t) => {
  const app = await appWith({ problems, docs: '/problems' })
  app.addHook('onRequest', async (_request, reply) => void reply.header('vary', 'Origin'))
  const page = await app.inject({ url: '/problems/out-of-credit', headers: { accept: 'text/html' } })
  t.match(page.headers['content-type'], 'text/html')
  t.match(page.body, '<strong>more</strong>')
  t.match(page.headers, { vary: 'Origin, Accept', 'x-content-type-options': 'nosniff' })
  t.match((await app.inject('/problems/out-of-credit')).json(), { name: 'OutOfCredit', status: 403 })
  t.match((await app.inject('/problems/nope')).json(), { status: 404, type: 'about:blank' })
})

t.test('bad options fail when the plugin is registered, with every mistake in one message', async (t) => {
  const bad = { validationStatus: 200, docs: 7, notFound: 'no', html: 'yes' } as never
  const error = (await t.rejects(async () => appWith(bad))) as unknown as ProblemError
  t.equal(error.name, 'InvalidOptions')
  for (const name of ['validationStatus', 'docs', 'notFound', 'html']) t.match(error.message, name)
  t.throws(() => serverErrors({ docs: 7, methodNotAlowed: true } as never), {
    name: 'InvalidOptions',
    message: /docs [\s\S]*methodNotAlowed is no option/,
  })
  t.doesNotThrow(() => serverErrors({ notFound: true, methodNotAllowed: true, docs: '/x', prefix: '/y' }))
})

t.test('serverErrors asks for a request time-out, unless one is given', async (t) => {
  t.equal(serverErrors().requestTimeout, 30_000)
  t.equal(serverErrors({ requestTimeout: 5_000 }).requestTimeout, 5_000)
})

/** Only compiled: the options fit every kind of server. */
export function serverErrorTypes(options: ErrorPluginOptions): void {
  Fastify({ ...serverErrors(options) })
  Fastify({ http2: true, ...serverErrors(options) })
  Fastify({ https: { cert: '', key: '' }, ...serverErrors(options) })
  Fastify({ http2: true, https: { cert: '', key: '' }, ...serverErrors(options) })
  Fastify({ loggerInstance: Fastify().log, ...serverErrors(options) })
}
