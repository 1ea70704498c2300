// The examples of the public contract, as a user would type them. Only compiled.
import { defineProblems, problemResponses, standardProblems } from '@faultline/core'
import { parseProblem } from '@faultline/core/client'
import { expectProblem, recordingReporter } from '@faultline/core/testing'
import * as forExpress from '@faultline/express'
import { errorPlugin, serverErrors } from '@faultline/fastify'
import {
  captureError,
  catchProcessErrors,
  circuitBreaker,
  createReporter,
  guard,
  guarded,
  retry,
} from '@faultline/node'
import { type ErrorEvent, parseDsn } from '@faultline/protocol'
import { Type } from '@sinclair/typebox'
import express from 'express'
import Fastify from 'fastify'

export const problems = defineProblems(
  { base: 'https://errors.shop.example/', include: standardProblems },
  {
    OutOfCredit: {
      status: 403,
      title: 'You do not have enough credit.',
      detail: (p) => `Your balance is ${p.balance}, but that costs ${p.cost}.`,
      extensions: Type.Object({ balance: Type.Number(), cost: Type.Number() }),
      severity: 'low',
      runbook: 'https://wiki.shop.example/credit',
      docs: 'Markdown for the page behind `type`.',
      translations: {
        fr: { title: 'Crédit insuffisant.', detail: (p) => `Il vous reste ${p.balance}.` },
      },
    },
    Busy: { status: 503, title: 'Try again soon.', retryAfterSeconds: 30 },
  },
)

const cause = new Error('the bank said no')
export const thrown = [
  new problems.OutOfCredit({ balance: 30, cost: 50 }, { cause }),
  new problems.NotFound({ detail: 'No order 7.' }),
  new problems.Busy(),
]
// @ts-expect-error: the extensions are part of the definition
new problems.OutOfCredit({ balance: 'thirty' })

const options = { problems, reporter: recordingReporter() }
const app = Fastify({ logger: true, ...serverErrors(options) })
await app.register(errorPlugin, options)
await app.register(errorPlugin)
app.get(
  '/orders/:id',
  { schema: { response: problemResponses(problems.OutOfCredit, problems.NotFound) } },
  async () => ({ id: 7 }),
)

const { requestContext, notFound, asyncHandler, errorMiddleware } = forExpress
const shop = express()
shop.use(requestContext)
shop.get(
  '/orders/:id',
  asyncHandler(async (_request, response) => {
    response.json({ id: 7 })
  }),
)
shop.use(notFound)
shop.use(errorMiddleware)
shop.use(errorMiddleware(options))
forExpress.serverErrors(shop.listen(0), options)

const response = await fetch('https://shop.example/orders/7')
const parsed = await parseProblem<typeof problems>(response, { base: 'https://errors.shop.example/' })
if (parsed?.name === 'OutOfCredit') {
  const cost: number = parsed.extensions.cost
  console.log(cost)
}
await expectProblem(response, problems.OutOfCredit, { balance: 30 })

const reporter = createReporter({
  dsn: process.env.SHOP_DSN,
  sampleRate: { warning: 0.1 },
  beforeSend: (event: ErrorEvent) => (event.tags?.internal ? null : event),
})
shop.use(forExpress.errorMiddleware({ reporter }))
const undo: () => void = catchProcessErrors({ reporter, exitCode: 1, flushTimeoutMs: 2000 })
const eventId: string | undefined = captureError(new Error('Out of lamps'), { tags: { article: 'lamp' } })
const price: (article: string) => number = guard((article: string) => article.length, { fallback: 0 })
const fetched: Promise<Response> = retry(() => fetch('https://prices.example'), { attempts: 3 })
const breaker = circuitBreaker({ name: 'prices' })
const broken: Promise<number> = breaker.execute(async () => price('lamp'))
class Job {
  @guarded()
  async run(): Promise<number> {
    return (await broken) + (eventId?.length ?? 0)
  }
}
console.log(
  new Job(),
  undo,
  fetched,
  reporter.stats().dropped.memory,
  parseDsn('https://key@host/1').projectId,
)
