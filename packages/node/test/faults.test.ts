// Whatever happens between the reporter and its collector: nothing is lost unsaid, and nothing arrives twice.
import type { ErrorReport, Logger } from '@faultline/core'
import { newEventId } from '@faultline/core/adapter'
import type { NodeReporter, ReporterOptions } from '@faultline/node'
import t, { type Test } from 'tap'
import { type Collector, faults, startCollector } from '../../../test/fakes/collector.js'
import { distinctReports, reportFrom } from './distinct-reports.js'
import { checkBooks, hastyReporter } from './hasty-reporter.js'

interface Scene {
  collector: Collector
  reporter: NodeReporter
  complaints: string[]
  /** There is a first complaint. */
  complained: Promise<void>
}

/** A collector and a reporter in a hurry. */
async function scene(t: Test, options: ReporterOptions = {}): Promise<Scene> {
  const collector = await startCollector()
  const complaints: string[] = []
  let logger: Logger | undefined
  const complained = new Promise<void>((resolve) => {
    const warn = (_fields: object, message: string) => {
      complaints.push(message)
      resolve()
    }
    logger = { warn } as Logger
  })
  const reporter = hastyReporter(collector.dsn, { logger, ...options })
  t.teardown(async () => {
    await reporter.close(1000)
    await collector.stop()
  })
  return { collector, reporter, complaints, complained }
}

function tell(reporter: NodeReporter, count: number): string[] {
  const reports = distinctReports(count)
  for (const report of reports) reporter.report(report)
  return reports.map(({ id }) => id)
}

t.test('the collector is down at the start', async (t) => {
  const { collector, reporter, complaints, complained } = await scene(t)
  await collector.stop()
  const ids = tell(reporter, 150)
  await complained
  t.equal(await reporter.flush(50), false, 'flush says that it has not sent everything')
  t.equal(reporter.stats().waiting, 150)
  await collector.restart()
  await collector.waitFor(({ events }) => events.length === 150)
  t.ok(await reporter.flush())
  t.strictSame(new Set(collector.events.map(({ id }) => id)), new Set(ids))
  t.match(complaints[0], /^Faultline: http:\/\/127.0.0.1:\d+ does not take events: .*ECONNREFUSED/)
  t.equal(complaints.length, 1, 'and says so once')
  checkBooks(t, collector, reporter)
})

const passing = {
  'dies in the middle of a batch': faults.dieMidBody(),
  'resets the connection before it reads': faults.reset(),
  'keeps the batch and resets the connection': faults.resetAfterKeeping(),
  'answers 200 with garbage, having kept nothing': faults.garbage(),
  'answers 200 with garbage, having kept the batch': faults.garbage({ keeps: true }),
  'answers 503 for a while': faults.status(503),
  'answers 500 for a while': faults.status(500),
  'is behind an ingress that does not know it yet': faults.noSuchService(),
}
for (const [what, fault] of Object.entries(passing)) {
  t.test(`a collector that ${what}`, async (t) => {
    const { collector, reporter } = await scene(t)
    collector.answerWith(fault, { times: 3 })
    tell(reporter, 30)
    await collector.waitFor(({ events }) => events.length >= 30)
    t.ok(await reporter.flush())
    t.ok(collector.attempts >= 4, `${collector.attempts} attempts`)
    t.equal(reporter.stats().sent, 30)
    checkBooks(t, collector, reporter)
  })
}

t.test('a collector that accepts and never answers', async (t) => {
  for (const keeps of [true, false]) {
    const { collector, reporter } = await scene(t, { timeoutMs: 100 })
    collector.answerWith(faults.silence({ keeps }), { times: 2 })
    tell(reporter, 10)
    t.equal(await reporter.flush(20), false, 'flush keeps its time')
    await collector.waitFor(({ events, attempts }) => events.length >= 10 && attempts >= 3)
    t.ok(await reporter.flush())
    t.equal(reporter.stats().sent, 10)
    checkBooks(t, collector, reporter)
  }
})

t.test('Retry-After is obeyed, as seconds and as a date', async (t) => {
  for (const retryAfterOf of [() => 1, () => new Date(Date.now() + 2000)]) {
    const { collector, reporter } = await scene(t)
    const attemptedAt: number[] = []
    const note = () => {
      if (collector.attempts > attemptedAt.length) attemptedAt.push(Date.now())
    }
    t.teardown(collector.watch(note))
    const retryAfter = retryAfterOf()
    collector.answerWith(faults.status(429, { retryAfter }), { times: 1 })
    tell(reporter, 3)
    await collector.waitFor(({ events }) => events.length === 3)
    const [first = 0, second = 0] = attemptedAt
    const notBefore =
      typeof retryAfter === 'number' ? first + retryAfter * 1000 : retryAfter.setMilliseconds(0)
    t.ok(second > notBefore - 20, `attempts at ${first} and ${second}`)
    t.equal(collector.attempts, 2)
    t.ok(await reporter.flush())
    checkBooks(t, collector, reporter)
  }
})

t.test('while it is told to wait, even a flush makes no attempt', async (t) => {
  const { collector, reporter } = await scene(t)
  collector.answerWith(faults.status(503, { retryAfter: 600 }))
  tell(reporter, 1)
  await collector.waitFor(({ attempts }) => attempts === 1)
  tell(reporter, 1)
  t.equal(await reporter.flush(30), false)
  t.equal(collector.attempts, 1)
  t.equal(await reporter.close(30), false)
  t.strictSame(reporter.stats().dropped, { closed: 2 })
  checkBooks(t, collector, reporter)
})

t.test('events that the collector rejects are dropped, and the rest is sent', async (t) => {
  const { collector, reporter, complaints } = await scene(t, { flushIntervalMs: 50 })
  collector.answerWith(faults.reject(0, 2), { times: 1 })
  tell(reporter, 5)
  t.ok(await reporter.flush())
  t.equal(collector.attempts >= 1, true)
  t.strictSame(reporter.stats().dropped, { refused: 2 })
  t.equal(collector.dropped.refused, 2, 'and the collector hears of the drop')
  t.match(complaints, [/has refused events: .*A fault of the test/])
  checkBooks(t, collector, reporter)
})

t.test('a refusal for good is dropped, told and complained of', async (t) => {
  const { collector, reporter, complaints } = await scene(t)
  collector.answerWith(faults.status(401), { times: 1 })
  tell(reporter, 5)
  t.ok(await reporter.flush())
  t.strictSame(reporter.stats().dropped, { refused: 5 })
  t.match(complaints[0], /refused events: it answered 401/)
  await reporter.flush()
  t.equal(collector.dropped.refused, 5)
  checkBooks(t, collector, reporter)
})

t.test('a batch that is too large is halved until it fits', async (t) => {
  const { collector, reporter } = await scene(t, { flushIntervalMs: 50 })
  collector.answerWith(faults.status(413), { times: 3 })
  tell(reporter, 40)
  t.ok(await reporter.flush())
  t.equal(reporter.stats().sent, 40)
  collector.answerWith(faults.status(413), { times: 1 })
  tell(reporter, 1)
  t.ok(await reporter.flush())
  t.strictSame(reporter.stats().dropped, { too_large: 1 })
  checkBooks(t, collector, reporter)
})

t.test('a batch that is sent twice adds its counts once', async (t) => {
  const { collector, reporter } = await scene(t, { maxEqualPerMinute: 2 })
  collector.answerWith(faults.resetAfterKeeping(), { times: 2 })
  for (let i = 0; i < 20; i++) reporter.report(reportFrom('one place'))
  for (let i = 0; i < 7; i++) reporter.countRequest?.('/orders', 200)
  t.ok(await reporter.flush(5000))
  t.equal(reporter.stats().sent, 2)
  t.equal(reporter.stats().counted, 18)
  t.equal(
    collector.requests.reduce((sum, { count }) => sum + count, 0),
    7,
  )
  checkBooks(t, collector, reporter)
})

t.test('100 000 events in a second', async (t) => {
  const { collector, reporter } = await scene(t, { flushIntervalMs: 100, maxMemoryBytes: 2_000_000 })
  const shared = distinctReports(1000).map((report) => ({ ...report, thrown: undefined }))
  const startMs = performance.now()
  for (let i = 0; i < 100_000; i++) {
    const report = shared[i % 1000] as ErrorReport
    reporter.report(i < 1000 ? report : { ...report, id: newEventId() })
  }
  t.comment(`${Math.round(performance.now() - startMs)} ms`)
  t.ok(await reporter.flush(20_000))
  const stats = reporter.stats()
  t.equal(stats.reported, 100_000)
  t.ok((stats.dropped.memory ?? 0) > 0, `${stats.dropped.memory} had no room`)
  const firsts = new Set(collector.events.map(({ id }) => id))
  t.ok(
    shared.every(({ id }) => firsts.has(id)),
    'the first of each kind has arrived',
  )
  t.equal(collector.dropped.memory, stats.dropped.memory, 'the collector knows of the drops')
  checkBooks(t, collector, reporter)
})
