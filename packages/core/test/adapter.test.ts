import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createErrorHandler, type ErrorRequest, type Logger, problem } from '@faultline/core'
import { answerClientError, answerClientErrors, countRequest } from '@faultline/core/adapter'
import { recordingReporter } from '@faultline/core/testing'
import { pino } from 'pino'
import t from 'tap'

/** A pino with its level, and what it has written. */
function memoryPino(level: string) {
  const lines: Record<string, unknown>[] = []
  const logger = pino({ level }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { logger, lines }
}

/** Handles an error, and waits until everybody has been told. */
async function handle(
  thrown: unknown,
  options: Parameters<typeof createErrorHandler>[0],
  request: Partial<ErrorRequest> = {},
) {
  createErrorHandler(options).handle(thrown, { method: 'GET', ...request })
  await Promise.resolve()
}

/** An error whose status is not believed. */
class Upstream extends Error {
  status = 401
}

t.test('clients that send garbage, or nothing, and never hang up are rid of soon', async (t) => {
  const server = createServer({ connectionsCheckingInterval: 20, headersTimeout: 50 })
  t.teardown(() => void server.close())
  answerClientErrors(server, { logger: false })
  const closed: Promise<void>[] = []
  server.on('connection', (socket) => {
    closed.push(new Promise((resolve) => void socket.on('close', resolve)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const answers = ['GARBAGE\r\n\r\n', 'GET /slow HTTP/1.1\r\nhost: a\r\n'].flatMap((sent) =>
    Array.from({ length: 10 }, () => halfOpen(port, sent)),
  )
  const statuses = (await Promise.all(answers)).map((answer) => answer.split(' ')[1])
  t.same([...new Set(statuses)], ['400', '408'])
  await Promise.all(closed)
  t.equal(closed.length, 20)
})

/** What a client reads that sends something and keeps its half of the connection open for ever. */
function halfOpen(port: number, sent: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(sent))
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk
    })
    socket.on('end', () => resolve(answer)).on('error', () => {})
  })
}

t.test('an error code of the parser’s is not looked up among the members of an object', (t) => {
  let answer = ''
  const socket = { writable: true, end: (data: string) => (answer = data), destroy() {} }
  const error = Object.assign(new Error('x'), { code: 'constructor' })
  answerClientError(createErrorHandler({ logger: false }), error, socket, undefined)
  t.match(answer, /^HTTP\/1.1 400 Bad Request\r\n/)
  answerClientError(createErrorHandler({ logger: false }), error, socket, undefined)
  t.end()
})

t.test('a warning does not say that anything has failed; a failure does', async (t) => {
  const { logger, lines } = memoryPino('info')
  await handle(new Upstream('no'), { logger })
  t.match(lines[1], {
    level: 40,
    msg: /^Faultline: trustStatus: The status 401 of a Upstream was not believed/,
  })
  await handle(Object.assign(problem(429), { headers: { 'x-made-up': '1' } }), { logger })
  t.match(lines[3], { msg: 'Faultline: the header x-made-up: It was dropped: it is not on the list' })
  await handle(new Error('x'), { logger, customize: () => assertNever() })
  t.match(lines[5], { msg: 'Faultline: customize failed: never', failure: { message: 'never' } })
})

t.test('without a logger the console has the warnings too', async (t) => {
  const errors = t.capture(console, 'error', () => undefined)
  const warnings = t.capture(console, 'warn', () => undefined)
  await handle(new Upstream('no'), {})
  t.equal(errors().length, 1)
  t.match(warnings(), [{ args: [/^event .*: Faultline: trustStatus: .*mapError\(Upstream/] }])
})

t.test('an error that the logger’s level leaves out is not even copied', async (t) => {
  let reads = 0
  const notFound = problem(404, 'No order 7.')
  Object.defineProperty(notFound, 'stack', { get: () => `read ${++reads}` })
  const { logger, lines } = memoryPino('warn')
  await handle(notFound, {}, { logger })
  t.same([reads, lines], [0, []])
  const reporter = recordingReporter()
  await handle(notFound, { reporter, shouldReport: () => true }, { logger })
  t.same([reads, lines], [1, []], 'the report needs the copy')
  t.equal(reporter.reports.length, 1)
  await handle(notFound, {}, { logger: memoryPino('info').logger })
  t.equal(reads, 2)
})

t.test('warnings keep to the level as well, and a logger that cannot tell its level gets all', async (t) => {
  const { logger, lines } = memoryPino('error')
  await handle(new Upstream('no'), { logger })
  t.equal(lines.length, 1)
  const asked: string[] = []
  const told: string[] = []
  const write = (name: string) => () => void told.push(name)
  const winston = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    isLevelEnabled: (level: string) => asked.push(level) && undefined,
  }
  await handle(Object.assign(problem(404), { level: 'fatal' }), { logger: winston as Logger })
  await handle(new Upstream('no'), { logger: winston as Logger })
  t.same(
    [asked, told],
    [
      ['info', 'error', 'warn'],
      ['info', 'error', 'warn'],
    ],
  )
})

t.test('a request id that is bound to the request’s own logger is missing in no other', async (t) => {
  const own = memoryPino('info')
  const other = memoryPino('info')
  const request = { id: '7', logger: own.logger.child({ reqId: '7' }), hasLoggedId: true }
  await handle(new Error('x'), {}, request)
  await handle(new Error('x'), { logger: other.logger }, request)
  t.same([own.lines[0]?.reqId, other.lines[0]?.reqId], ['7', '7'])
})

t.test('counting a request never fails', (t) => {
  const reporter = recordingReporter()
  countRequest(reporter, '/orders/:id', 200)
  countRequest(reporter, undefined, 404)
  countRequest({ ...reporter, countRequest: () => assertNever() }, '/', 200)
  countRequest({ ...reporter, countRequest: undefined }, '/', 200)
  t.same(reporter.requests, [
    { route: '/orders/:id', statusCode: 200 },
    { route: '', statusCode: 404 },
  ])
  t.end()
})

function assertNever(): never {
  throw new Error('never')
}
