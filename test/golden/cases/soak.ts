import assert from 'node:assert/strict'
import http from 'node:http'
import { Readable } from 'node:stream'
import v8 from 'node:v8'
import vm from 'node:vm'
import { mapErrorWhen } from '@faultline/core'
import createError from 'http-errors'
import type { GoldenCase, Stage } from '../case.js'
import type { Route, Throwing } from '../exchange.js'
import { get, post, throwing } from '../exchange.js'
import type { Service } from '../start-service.js'
import { throwingProxy } from './shape.js'

const requestCount = 10_000
const parallel = 20
const heapGrowthBytesAtMost = 25 * 1024 * 1024

export const soakCases: GoldenCase[] = [
  {
    number: '80',
    title: '10 000 requests through all of the above: nothing crashes, hangs or leaks memory or listeners',
    timeoutMs: 120_000,
    async run(stage) {
      const listeners: number[] = []
      const { asked, ...everything } = withEverything(stage)
      const service = await stage.start({ ...everything, forgetsLogs: true })
      const agent = new http.Agent({ keepAlive: true, maxSockets: parallel })
      try {
        // What is compiled, cached and pooled once is not a leak.
        await askAll(service, { asked, count: requestCount / 5, agent })
        const heapBefore = heapAfterCollection()
        listeners.push(listenerCount())
        await askAll(service, { asked, count: requestCount, agent })
        service.reports.length = 0
        const grownBytes = heapAfterCollection() - heapBefore
        assert.ok(grownBytes < heapGrowthBytesAtMost, `the heap grew by ${grownBytes} bytes`)
        listeners.push(listenerCount())
      } finally {
        agent.destroy()
      }
      assert.equal(listeners[1], listeners[0], 'listeners of the process')
      assert.deepEqual(
        stage.processWarnings.filter((warning) => warning.includes('MaxListeners')),
        [],
      )
      assert.equal((await service.ask('/alive')).status, 200)
    },
  },
]

interface AskAll {
  asked: Asked[]
  count: number
  agent: http.Agent
}
type Asked = [path: string, method?: string]

function withEverything({ problems }: Stage): { routes: Route[]; options: object; asked: Asked[] } {
  const things: Record<string, () => unknown> = {
    undefined: () => undefined,
    text: () => 'text',
    frozen: () => Object.freeze(new Error('frozen')),
    proxy: throwingProxy,
    catalogue: () => new problems.OutOfCredit({ balance: 30, cost: 50 }),
    busy: () => new problems.Busy(),
    odd: () => new problems.Odd({ value: 10n, kept: 'kept' }),
    'http-error': () => createError(401, { headers: { 'www-authenticate': 'Bearer' } }),
    plain: () => Object.assign(new Error('x'), { statusCode: 429 }),
    long: () =>
      new Error('x'.repeat(10_000), { cause: new AggregateError([new Error('a'), new Error('b')]) }),
    mapped: () => Object.assign(new Error('x'), { code: 'E_MAPPED' }),
    'bad-header': () => Object.assign(createError(409), { headers: { link: 'a\r\nb' } }),
  }
  const ways: Throwing[] = ['sync', 'async', 'async hook']
  const routes = Object.entries(things).flatMap(([name, make]) =>
    ways.map((way) => throwing(`/${name}/${way.replace(' ', '-')}`, make, way, { isWrapped: true })),
  )
  const half = () =>
    new Readable({
      read() {
        this.destroy(new Error('broke'))
      },
    })
  const asked: Asked[] = [
    ...routes.map(({ path }): Asked => [path]),
    ['/nowhere'],
    ['/alive', 'DELETE'],
    ['/stream'],
    ['/alive'],
    ['/json', 'POST'],
  ]
  return {
    asked,
    routes: [
      ...routes,
      get('/alive', () => ({ ok: true })),
      get('/stream', ({ sendStream }) => sendStream(half())),
      post('/json', () => ({})),
    ],
    options: {
      mappings: [
        mapErrorWhen(
          (error: unknown) => (error as { code?: unknown }).code === 'E_MAPPED',
          () => new problems.SoldOut({ article: 'x' }),
        ),
      ],
      reporter: { report() {}, flush: async () => true, close: async () => true },
    },
  }
}

async function askAll(service: Service, { asked, count, agent }: AskAll): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) {
      const [path, method = 'GET'] = asked[next++ % asked.length] as Asked
      const broken =
        method === 'POST' ? { headers: { 'content-type': 'application/json' }, body: '{"a":' } : {}
      const answer = await service.ask(path, { method, agent, ...broken })
      assert.ok(
        path === '/alive' && method === 'GET' ? answer.status === 200 : answer.status >= 400,
        `${method} ${path}`,
      )
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}

function listenerCount(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
}

function heapAfterCollection(): number {
  v8.setFlagsFromString('--expose-gc')
  const collect = vm.runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
