import assert from 'node:assert/strict'
import type { Reporter } from '@faultline/core'
import { currentContext, setTag, setUser } from '@faultline/core'
import type { GoldenCase } from '../case.js'
import { get, throwing } from '../exchange.js'
import { errorRecords, isGeneric500, isProblem, loggedOnce, requestsEnded, until } from '../expect.js'
import { levels } from '../log-memory.js'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${traceId}-b7ad6b7169203331-01`

export const logReportCases: GoldenCase[] = [
  {
    number: '69',
    title: '4xx are logged at info, 5xx at error, and a definition may say otherwise',
    ownApi: true,
    async run({ start, problems }) {
      const expected = [
        ['/buy', () => new problems.OutOfCredit({ balance: 30, cost: 50 }), levels.info],
        ['/busy', () => new problems.Busy(), levels.error],
        ['/odd', () => new Error('x'), levels.error],
        ['/plain', () => Object.assign(new Error('x'), { statusCode: 409 }), levels.warn],
        ['/suspicious', () => new problems.Suspicious(), levels.warn],
      ] as const
      for (const [path, make, level] of expected) {
        const service = await start({ routes: [throwing(path, make)] })
        await service.ask(path)
        await loggedOnce(service, /./, level)
      }
    },
  },
  {
    number: '69',
    title: 'the one record has err, eventId, reqId, traceId, method, route, status and problem.type',
    ownApi: true,
    async run({ start, problems }) {
      const fail = () => new problems.OutOfCredit({ balance: 30, cost: 50 })
      const service = await start({ routes: [throwing('/orders/:id', fail, 'async')] })
      const answer = await service.ask('/orders/7?x=1', { headers: { traceparent } })
      const record = await loggedOnce(service, /credit/i)
      assert.ok(record.err?.type)
      assert.equal(`urn:uuid:${record.eventId}`, answer.body.instance)
      assert.ok(record.reqId ?? (record.req as { id?: unknown } | undefined)?.id)
      assert.equal(record.traceId, traceId)
      assert.equal(record.method, 'GET')
      assert.equal(record.route, '/orders/:id')
      assert.equal(record.status, 403)
      const type = (record.problem as { type?: unknown } | undefined)?.type ?? record['problem.type']
      assert.equal(type, 'https://errors.shop.example/out-of-credit')
    },
  },
  {
    number: '69',
    title: "pino-http's own line carries the same err and never 'failed with status code'",
    notOn: { fastify: 'has no line of pino-http' },
    async run({ start, problems }) {
      const service = await start({
        routes: [throwing('/x', () => new Error('original')), throwing('/busy', () => new problems.Busy())],
      })
      await service.ask('/x')
      await service.ask('/busy')
      await requestsEnded(service, 2)
      const lines = service.logs.filter((line) => line.responseTime !== undefined)
      assert.equal(lines[0]?.err?.message, 'original')
      assert.match(String(lines[1]?.err?.message), /Try again soon|Busy/)
      assert.ok(!lines.some((line) => line.text.includes('failed with status code')))
    },
  },
  {
    number: '70',
    title: 'traceparent and request id are the same in log, report and body',
    ownApi: true,
    async run({ start }) {
      const service = await start({ routes: [throwing('/x', () => new Error('x'))] })
      const answer = await service.ask('/x', { headers: { traceparent } })
      const record = await loggedOnce(service, /x/)
      await until(() => service.reports.length === 1, 'the report')
      const [report] = service.reports
      assert.equal(answer.body.traceId, traceId)
      assert.equal(record.traceId, traceId)
      assert.equal(report?.trace?.traceId, traceId)
      assert.equal(report?.id, record.eventId)
      const loggedId = record.reqId ?? (record.req as { id?: unknown } | undefined)?.id
      assert.equal(String(report?.request?.id), String(loggedId))
    },
  },
  ...[
    'garbage',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    `00-${traceId}-0000000000000000-01`,
    `ff-${traceId}-b7ad6b7169203331-01`,
    `00-${traceId.toUpperCase()}-b7ad6b7169203331-01`,
    `00-${traceId}-b7ad6b7169203331-01-more`,
    `${traceparent}<script>`,
  ].map(
    (invalid): GoldenCase => ({
      number: '70',
      title: `the invalid traceparent ${invalid} is ignored`,
      ownApi: true,
      async run({ start }) {
        const service = await start({ routes: [throwing('/x', () => new Error('x'))] })
        const answer = await service.ask('/x', { headers: { traceparent: invalid } })
        isGeneric500(answer)
        assert.notEqual(answer.body.traceId, traceId)
        const record = await loggedOnce(service, /x/)
        assert.notEqual(record.traceId, traceId)
        assert.equal(record.traceId, answer.body.traceId)
      },
    }),
  ),
  {
    number: '71',
    title: 'a 5xx is reported once, a 4xx is not, a definition may say otherwise',
    ownApi: true,
    async run({ start, problems }) {
      const service = await start({
        routes: [
          throwing('/x', () => new Error('x'), 'async'),
          throwing('/buy', () => new problems.OutOfCredit({ balance: 30, cost: 50 })),
          throwing('/suspicious', () => new problems.Suspicious()),
        ],
      })
      for (const path of ['/x', '/buy', '/suspicious', '/nowhere']) await service.ask(path)
      await requestsEnded(service, 4)
      const seen = service.reports.map(({ request, severity, handled, mechanism }) => [
        request?.route,
        request?.status,
        severity,
        handled,
        mechanism,
      ])
      assert.deepEqual(seen, [
        ['/x', 500, 'high', false, 'http'],
        ['/suspicious', 404, 'high', false, 'http'],
      ])
    },
  },
  {
    number: '71',
    title: 'the same error by two ways is answered, logged and reported once',
    async run({ start }) {
      const service = await start({
        routes: [
          {
            method: 'GET',
            path: '/x',
            // Without asyncHandler(), Express itself would print the second one.
            isWrapped: true,
            async handler({ fail }) {
              const error = new Error('twice')
              fail(error)
              throw error
            },
          },
        ],
      })
      isGeneric500(await service.ask('/x'))
      await loggedOnce(service, /twice/)
      assert.ok(service.reports.length <= 1)
    },
  },
  {
    number: '71',
    title: 'a slow reporter delays no response',
    ownApi: true,
    async run({ start }) {
      let reports = 0
      const never = () => new Promise<never>(() => {})
      const slow: Reporter = {
        report() {
          reports++
          return never() as never
        },
        flush: async () => true,
        close: async () => true,
      }
      const service = await start({
        options: { reporter: slow },
        routes: [throwing('/x', () => new Error('x'))],
      })
      isGeneric500(await service.ask('/x'))
      isGeneric500(await service.ask('/x'))
      await until(() => reports === 2, 'both reports')
    },
  },
  {
    number: '71',
    title: 'the reporter is flushed when the service closes',
    ownApi: true,
    notOn: {
      express5: 'an Express application is never told that its server closes',
      express4: 'an Express application is never told that its server closes',
    },
    async run({ start }) {
      const calls: string[] = []
      const reporter: Reporter = {
        report: () => void calls.push('report'),
        flush: async () => calls.push('flush') > 0,
        close: async () => calls.push('close') > 0,
      }
      const service = await start({ options: { reporter }, routes: [throwing('/x', () => new Error('x'))] })
      isGeneric500(await service.ask('/x'))
      await until(() => calls.includes('report'), 'the report')
      await service.close()
      assert.ok(calls.includes('flush') || calls.includes('close'), calls.join())
    },
  },
  {
    number: '72',
    title: "a detached task carries its request's context",
    ownApi: true,
    async run({ start }) {
      const seen: unknown[] = []
      const service = await start({
        routes: [
          get('/x', () => {
            setUser({ id: '7' })
            setTag('region', 'eu')
            setImmediate(() => queueMicrotask(() => seen.push(currentContext())))
            throw new Error('x')
          }),
        ],
      })
      isGeneric500(await service.ask('/x'))
      await until(() => seen.length === 1 && service.reports.length === 1, 'the task and the report')
      const [context] = seen as [ReturnType<typeof currentContext>]
      assert.deepEqual([context?.user, context?.tags], [{ id: '7' }, { region: 'eu' }])
      const [report] = service.reports
      assert.deepEqual([report?.user, report?.tags], [{ id: '7' }, { region: 'eu' }])
    },
  },
  {
    number: '72',
    title: 'the contexts of two concurrent requests never mix',
    ownApi: true,
    async run({ start }) {
      let arrived = 0
      const service = await start({
        routes: [
          get('/users/:id', async ({ params }) => {
            setUser({ id: params.id ?? '' })
            arrived++
            await until(() => arrived === 2, 'the other request')
            throw new Error(`of ${params.id}`)
          }),
        ],
      })
      const answers = await Promise.all([service.ask('/users/1'), service.ask('/users/2')])
      for (const answer of answers) isProblem(answer, 500)
      await until(() => service.reports.length === 2, 'both reports')
      for (const { message, exceptions, user } of service.reports)
        assert.equal(exceptions[0]?.message ?? message, `of ${user?.id}`)
      assert.equal(errorRecords(service).length, 2)
    },
  },
]
