import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { mapErrorWhen } from '@faultline/core'
import type { GoldenCase, Stage } from '../case.js'
import { get, throwing } from '../exchange.js'
import {
  blockedMsAtMost,
  errorRecords,
  isGeneric500,
  isProblem,
  loggedOnce,
  requestsEnded,
  until,
} from '../expect.js'
import type { LogLine } from '../log-memory.js'
import { levels } from '../log-memory.js'
import type { Service } from '../start-service.js'
import { thrown } from './thrown.js'

const logBytesAtMost = 65_536

export const chainCases: GoldenCase[] = [
  {
    number: '20',
    title: 'a circular cause chain ends',
    async run(stage) {
      const first = new Error('first')
      first.cause = new Error('second', { cause: first })
      const { answer, service } = await thrown(stage, () => first)
      isGeneric500(answer)
      isBounded(await loggedOnce(service, /first/))
    },
  },
  {
    number: '20',
    title: 'a chain of 20 000 causes costs under 50 ms and is cut at 10 with a marker',
    async run(stage) {
      let chain = new Error('cause 20000')
      for (let index = 19_999; index >= 0; index--) chain = new Error(`cause ${index}`, { cause: chain })
      const service = await stage.start({
        routes: [throwing('/short', () => new Error('short')), throwing('/long', () => chain)],
      })
      await service.ask('/short')
      const shortMs = await bestOf(3, () => service.ask('/short'))
      const longMs = await bestOf(5, async () => isGeneric500(await service.ask('/long')))
      assert.ok(longMs - shortMs < blockedMsAtMost, `${longMs - shortMs} ms extra`)

      await requestsEnded(service, 9)
      const record = errorRecords(service).find((line) => line.text.includes('cause 0'))
      assert.ok(record, 'the long chain is logged')
      isBounded(record)
      assert.ok(record.text.includes('cause 9'))
      assert.ok(!record.text.includes('cause 11'), 'cut at 10')
      assert.match(record.text, /truncated|omitted|more|\bcut\b|…|\.\.\./i)
    },
  },
  {
    number: '20',
    title: 'a report of a long chain is cut as well',
    ownApi: true,
    async run(stage) {
      let chain = new Error('cause 50')
      for (let index = 49; index >= 0; index--) chain = new Error(`cause ${index}`, { cause: chain })
      const { service } = await thrown(stage, () => chain)
      await until(() => service.reports.length > 0, 'the report')
      assert.ok((service.reports[0]?.exceptions.length ?? 99) <= 12)
    },
  },
  {
    number: '21',
    title: 'an AggregateError of 1 000 is a generic 500 with a bounded log record',
    async run(stage) {
      const errors = Array.from(
        { length: 1_000 },
        (_, index) => new Error(`member ${index} ${'x'.repeat(200)}`),
      )
      const { answer, service } = await thrown(stage, () => new AggregateError(errors, 'all of them'))
      isGeneric500(answer)
      isBounded(await loggedOnce(service, /all of them/))
    },
  },
  {
    number: '22',
    title: 'an AbortError, the client still there, is a generic 500',
    async run(stage) {
      const { answer, service } = await thrown(
        stage,
        () => new DOMException('stopped by hunter2', 'AbortError'),
      )
      isGeneric500(answer)
      await loggedOnce(service, /stopped by/)
    },
  },
  {
    number: '22',
    title: 'an AbortError with the client gone writes nothing, is logged at debug and not reported',
    async run(stage) {
      const service = await throwAfterAbort(stage, () => new DOMException('stopped', 'AbortError'))
      const record = await loggedOnce(service, /stopped/)
      assert.equal(record.level, levels.debug)
      assert.deepEqual(service.reports, [])
    },
  },
  {
    number: '22',
    title: 'a TimeoutError is a generic 500 without a mapping',
    async run(stage) {
      const { answer } = await thrown(
        stage,
        () => new DOMException('hunter2 took too long', 'TimeoutError'),
        'async',
      )
      isGeneric500(answer)
    },
  },
  {
    number: '22',
    title: 'a TimeoutError is a 504 by a mapping, and its message stays inside',
    ownApi: true,
    async run(stage) {
      const { problems } = stage
      const isTimeout = (error: unknown) => error instanceof DOMException && error.name === 'TimeoutError'
      const service = await stage.start({
        options: { mappings: [mapErrorWhen(isTimeout, () => new problems.GatewayTimeout())] },
        routes: [throwing('/x', () => new DOMException('hunter2 took too long', 'TimeoutError'))],
      })
      const answer = await service.ask('/x')
      isProblem(answer, 504)
      assert.ok(!answer.text.includes('hunter2'))
    },
  },
]

/** A request whose client leaves; then the handler throws. */
export async function throwAfterAbort(stage: Stage, make: () => unknown): Promise<Service> {
  let reached = false
  let hasThrown = false
  const service = await stage.start({
    routes: [
      get('/x', async ({ rawResponse }) => {
        reached = true
        await once(rawResponse, 'close')
        hasThrown = true
        throw make()
      }),
      get('/alive', () => ({ ok: true })),
    ],
  })
  const request = http.get(`${service.url}/x`, { agent: false })
  request.on('error', () => {})
  await until(() => reached, 'the handler')
  request.destroy()
  await until(() => hasThrown, 'the throw')
  const alive = await service.ask('/alive')
  assert.equal(alive.status, 200)
  return service
}

/** The shortest of some runs, in milliseconds: the others had the machine's noise in them. */
export async function bestOf(runs: number, work: () => Promise<unknown>): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run++) {
    const startedAt = performance.now()
    await work()
    bestMs = Math.min(bestMs, performance.now() - startedAt)
  }
  return bestMs
}

export function isBounded(record: LogLine): void {
  const bytes = Buffer.byteLength(record.text)
  assert.ok(bytes <= logBytesAtMost, `log record of ${bytes} bytes`)
}
