// The two example shops, over real sockets, answer alike.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ErrorReport } from '@faultline/core'
import { expectProblem, recordingReporter } from '@faultline/core/testing'
import { mappings, problems } from '@faultline/example-catalogue'
import { createApp } from '@faultline/example-express-shop'
import { buildApp } from '@faultline/example-fastify-shop'
import { serverErrors } from '@faultline/express'
import t from 'tap'

interface Request {
  say: string
  path: string
  method?: string
  headers?: Record<string, string>
  body?: unknown
  /** Each framework says it in words of its own. */
  isWordedByFramework?: boolean
}

const order = { reference: 'A-1', account: 'acme', article: 'lamp', quantity: 1 }

/** In this order: a later one may need what an earlier one has left behind. */
const requests: Request[] = [
  { say: 'places an order', path: '/orders', body: order },
  { say: 'reads it', path: '/orders/1' },
  { say: 'lists it', path: '/orders?limit=1' },
  { say: 'not enough credit', path: '/orders', body: { ...order, account: 'tiny' } },
  {
    say: 'not enough credit, in German',
    path: '/orders',
    headers: { 'accept-language': 'de-CH, en;q=0.5' },
    body: { ...order, account: 'tiny' },
  },
  { say: 'no such account', path: '/orders', body: { ...order, account: 'nobody' } },
  { say: 'the database has that reference', path: '/orders', body: order },
  { say: 'sold out', path: '/orders', body: { ...order, reference: 'A-2', article: 'concert' } },
  { say: 'a slow upstream', path: '/orders', body: { ...order, reference: 'A-3', article: 'antique' } },
  { say: 'an empty body', path: '/orders', body: {} },
  { say: 'mistakes in a body', path: '/orders', body: { ...order, reference: '', quantity: 0 } },
  { say: 'a mistake in the query', path: '/orders?limit=many' },
  { say: 'a mistake in the path', path: '/orders/first' },
  { say: 'a body that is no JSON', path: '/orders', body: '{"reference": ', isWordedByFramework: true },
  {
    say: 'a body that is too large',
    path: '/orders',
    body: { ...order, article: 'x'.repeat(20_000) },
    isWordedByFramework: true,
  },
  { say: 'no such order', path: '/orders/99' },
  { say: 'no such route', path: '/nothing?token=secret' },
  { say: 'no such method', path: '/orders', method: 'DELETE' },
  { say: 'a path that is no URL', path: '/orders/%ff', isWordedByFramework: true },
  { say: 'a bug', path: '/accounts/tiny/largest-order' },
  { say: 'an http-error', path: '/coupons/SPRING' },
  { say: 'the page behind a type', path: '/problems/out-of-credit' },
  { say: 'no such page', path: '/problems/nothing' },
]

const shops = { fastify: await startFastify(), express: await startExpress() }

for (const { say, ...request } of requests) {
  t.test(say, async (t) => {
    const [onFastify, onExpress] = [
      await ask(shops.fastify.url, request),
      await ask(shops.express.url, request),
    ]
    t.strictSame(onExpress, onFastify, `alike: ${onFastify.status}`)
    t.match(onFastify.contentType, onFastify.status < 400 ? 'application/json' : 'application/problem+json')
  })
}

t.test('a stream that fails half-way is cut off, so that nobody takes a part for the whole', async (t) => {
  for (const [name, { url }] of Object.entries(shops)) {
    const response = await fetch(`${url}/exports/orders.csv`)
    t.equal(response.status, 200, name)
    await t.rejects(response.text(), { message: 'terminated' }, name)
  }
})

t.test(
  'what was wrong with us was reported once each, and what was wrong with clients was not',
  async (t) => {
    const told = (reports: ErrorReport[]) => reports.map((report) => report.exceptions[0]?.type)
    t.strictSame(told(shops.fastify.reporter.reports), ['TimeoutError', 'TypeError', 'Error'])
    t.strictSame(told(shops.express.reporter.reports), ['TimeoutError', 'TypeError', 'Error'])
    t.strictSame(
      shops.fastify.reporter.reports.map((report) => report.phase),
      [undefined, undefined, 'response-started'],
    )
  },
)

t.test('a client finds the extension members typed', async (t) => {
  const response = fetch(`${shops.express.url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...order, account: 'tiny' }),
  })
  const problem = await expectProblem(response, problems.OutOfCredit, { balance: 30, cost: 50 })
  t.equal(problem.extensions.cost, 50)
})

t.test('the OpenAPI document has the problems of each route', async (t) => {
  const response = await fetch(`${shops.fastify.url}/docs/json`)
  const { paths } = (await response.json()) as OpenApi
  const responses = paths['/orders']?.post?.responses ?? {}
  t.strictSame(Object.keys(responses), ['201', '400', '403', '404', '409', '504'])
  const schema = responses['409']?.content['application/problem+json']?.schema
  t.strictSame(
    schema?.oneOf.map(({ title }) => title),
    ['OrderExists', 'SoldOut'],
  )
})

interface Operation {
  responses: Record<string, { content: Record<string, { schema: { oneOf: { title: string }[] } }> }>
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>
}

interface Shop {
  url: string
  reporter: ReturnType<typeof recordingReporter>
}

async function startFastify(): Promise<Shop> {
  const reporter = recordingReporter()
  const app = await buildApp({ log: false, reporter })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return { url, reporter }
}

async function startExpress(): Promise<Shop> {
  const reporter = recordingReporter()
  const app = createApp({ log: false, reporter })
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  serverErrors(server, { problems, mappings, reporter, logger: false })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, reporter }
}

async function ask(url: string, request: Omit<Request, 'say'>) {
  const { path, method, headers, body } = request
  const response = await fetch(url + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return {
    status: response.status,
    contentType: response.headers.get('content-type')?.split(';', 1)[0],
    retryAfter: response.headers.get('retry-after'),
    language: response.headers.get('content-language'),
    body: comparable((await response.json()) as Body, request.isWordedByFramework),
  }
}

interface Body {
  instance?: string
  detail?: string
  errors?: Record<string, string>[]
}

/** Each happening has an id of its own, and each validator its own words; where a mistake is, they agree. */
function comparable({ instance, detail, errors, ...rest }: Body, isWordedByFramework = false) {
  return {
    ...rest,
    ...(instance && { instance: /^urn:uuid:[\da-f]{8}-/.test(instance) }),
    ...(detail && { detail: isWordedByFramework ? 'in its own words' : detail }),
    ...(errors && { errors: errors.map(({ detail: _, code: _code, ...where }) => where) }),
  }
}
