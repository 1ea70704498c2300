// flush and close: what they wait for, what they say, and that they keep their time.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { currentContext, type ErrorReport, runWithContext } from '@faultline/core'
import type { NodeReporter, ReporterOptions } from '@faultline/node'
import t, { type Test } from 'tap'
import { type Collector, faults, startCollector } from '../../../test/fakes/collector.js'
import { distinctReport, distinctReports, reportFrom } from './distinct-reports.js'
import { checkBooks, hastyReporter } from './hasty-reporter.js'

async function scene(t: Test, options: ReporterOptions = {}) {
  const collector = await startCollector()
  const complaints: string[] = []
  const logger = { warn: (_: object, message: string) => void complaints.push(message) } as never
  const reporter = hastyReporter(collector.dsn, { logger, ...options })
  t.teardown(async () => {
    await reporter.close(100)
    await collector.stop()
  })
  return { collector, reporter, complaints }
}

function tell(reporter: NodeReporter, count: number): void {
  for (const report of distinctReports(count)) reporter.report(report)
}

/** So many parcels of one event each wait on disk. */
async function leaveOnDisk(collector: Collector, spoolDir: string, count: number): Promise<void> {
  collector.answerWith(faults.status(503))
  const reporter = hastyReporter(collector.dsn, { spoolDir })
  for (let i = 0; i < count; i++) {
    tell(reporter, 1)
    await reporter.flush(5000)
  }
  await reporter.close()
}

t.test('a collector that refuses everything is not asked again and again', async (t) => {
  for (const status of [401, 413]) {
    const { collector, reporter } = await scene(t, { retry: { minDelayMs: 1000 } })
    collector.answerWith(faults.status(status))
    tell(reporter, 1)
    t.ok(await reporter.flush(5000), 'no error is in memory any more')
    t.ok(collector.attempts <= 2, `${collector.attempts} attempts`)
    checkBooks(t, collector, reporter)
  }
})

t.test('after close there is nothing to wait for', async (t) => {
  const { reporter } = await scene(t)
  tell(reporter, 1)
  t.ok(await reporter.close())
  t.ok(await reporter.flush(60_000))
})

t.test('a long wait is no short one', async (t) => {
  const { reporter } = await scene(t)
  tell(reporter, 1)
  t.ok(await reporter.flush(Number.POSITIVE_INFINITY))
})

t.test('true means that nothing waits in memory', async (t) => {
  const { collector, reporter } = await scene(t, { spoolDir: t.testdir(), maxMemoryBytes: 200_000 })
  collector.answerWith(faults.silence())
  tell(reporter, 5)
  await collector.waitFor(({ attempts }) => attempts === 1)
  tell(reporter, 150)
  const isFlushed = await reporter.flush(100)
  t.equal(isFlushed, reporter.stats().waiting === 0)
})

t.test('what is on disk already is not waited for, and what is in memory goes first', async (t) => {
  const collector = await startCollector()
  t.teardown(() => collector.stop())
  const spoolDir = t.testdir()
  await leaveOnDisk(collector, spoolDir, 20)
  const reporter = hastyReporter(collector.dsn, { spoolDir })
  t.teardown(() => reporter.close(100))
  const seen = collector.attempts
  let answer = (_?: unknown) => {}
  collector.answerWith(faults.slow(new Promise((resolve) => (answer = resolve))), { times: 1 })
  await collector.waitFor(({ attempts }) => attempts > seen)
  const fresh = distinctReport()
  reporter.report(fresh)
  const isFlushed = reporter.flush(10_000)
  answer()
  t.ok(await isFlushed)
  t.ok(collector.events.findIndex(({ id }) => id === fresh.id) <= 2)
  await collector.waitFor(({ events }) => events.length === 21)
  t.strictSame(collector.duplicates, [])
})

t.test('close, then process.exit() before it is done: what is left goes to disk', async (t) => {
  const collector = await startCollector()
  t.teardown(() => collector.stop())
  collector.answerWith(faults.silence())
  const env = { FAULTLINE_DSN: collector.dsn, FAULTLINE_SPOOL_DIR: t.testdir() }
  const program = join(import.meta.dirname, 'spool-programs/report-and-wait.js')
  const child = fork(program, ['300', 'close-and-exit'], { env: { ...process.env, ...env } })
  await once(child, 'exit')
  const files = readdirSync(env.FAULTLINE_SPOOL_DIR, { recursive: true, encoding: 'utf8' })
  const events = files.filter((name) => name.endsWith('.gz')).map((name) => Number(name.split('.')[1]))
  t.equal(
    events.reduce((sum, count) => sum + count, 0),
    300,
  )
})

t.test('an answer of many rejections is one', async (t) => {
  const { collector, reporter } = await scene(t, { flushIntervalMs: 50 })
  const problem = { title: 'The event is wrong.', status: 400, detail: 'x'.repeat(3000) }
  const rejected = Array.from({ length: 100 }, (_, index) => ({ index, problem }))
  const nonsense = [{ index: 0 }, { index: 100 }, { index: -1 }, { index: 'all' }]
  collector.answerWith(faults.status(202, { body: { accepted: 0, rejected: [...rejected, ...nonsense] } }), {
    times: 1,
  })
  tell(reporter, 100)
  t.ok(await reporter.flush(5000))
  t.match(reporter.stats(), { sent: 0, dropped: { refused: 100 } })
  checkBooks(t, collector, reporter)
})

t.test('what an earlier process left is in its books, also when it has to be halved', async (t) => {
  const collector = await startCollector()
  t.teardown(() => collector.stop())
  const spoolDir = t.testdir()
  collector.answerWith(faults.status(503))
  const first = hastyReporter(collector.dsn, { spoolDir })
  tell(first, 20)
  await first.close()
  collector.answerWith(faults.status(413), { times: 1 })
  const second = hastyReporter(collector.dsn, { spoolDir })
  t.teardown(() => second.close(100))
  await collector.waitFor(({ events }) => events.length === 20)
  t.ok(await second.flush())
  t.match(second.stats(), { reported: 0, waiting: 0, spooled: 0, sent: 0, recovered: 20 })
  checkBooks(t, collector, second)
})

t.test('what JSON cannot say costs that event alone', async (t) => {
  for (const spoolDir of [undefined, t.testdir()]) {
    const { collector, reporter, complaints } = await scene(t, { spoolDir, flushIntervalMs: 50 })
    tell(reporter, 50)
    reporter.report({ ...distinctReport(), extra: { big: 1n }, thrown: 0 } as ErrorReport)
    t.ok(await reporter.flush(5000))
    t.match(reporter.stats(), { sent: 50, dropped: { failed: 1 }, waiting: 0 })
    t.match(complaints, [/what JSON cannot say/])
    checkBooks(t, collector, reporter)
  }
})

t.test('what is no report at all is nobody’s concern', async (t) => {
  const { collector, reporter } = await scene(t)
  for (const nonsense of [undefined, null, 7, {}, { exceptions: 7 }]) reporter.report(nonsense as never)
  tell(reporter, 1)
  t.ok(await reporter.flush(5000))
  t.equal(reporter.stats().sent, 1)
  checkBooks(t, collector, reporter)
})

t.test('nothing is counted under an event that was refused', async (t) => {
  const { collector, reporter } = await scene(t, { maxEqualPerMinute: 1 })
  collector.answerWith(faults.reject(0), { times: 1 })
  reporter.report(reportFrom('here'))
  t.ok(await reporter.flush())
  for (let i = 0; i < 10; i++) reporter.report(reportFrom('here'))
  t.ok(await reporter.flush())
  const ids = new Set(collector.events.map(({ id }) => id))
  for (const id of Object.keys(collector.repeats)) t.ok(ids.has(id), id)
  t.match(reporter.stats(), { reported: 11, sent: 1, counted: 9, dropped: { refused: 1 } })
  checkBooks(t, collector, reporter)
})

t.test('nothing that the reporter sets going runs in a request', async (t) => {
  const seen: unknown[] = []
  const note = <Event>(event: Event): Event => {
    seen.push(currentContext())
    return event
  }
  const { reporter } = await scene(t, { beforeSend: note })
  for (const user of ['anna', 'bert']) {
    runWithContext({ user: { id: user } }, () => tell(reporter, 120))
  }
  t.ok(await runWithContext({ user: { id: 'carl' } }, () => reporter.flush(5000)))
  t.strictSame([...new Set(seen)], [undefined])
})

t.test('a plain http server is reached through a proxy as through any', async (t) => {
  const { collector } = await scene(t)
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const options = { method: request.method, headers: request.headers }
    const onward = httpRequest(request.url as string, options, (answer) => {
      response.writeHead(answer.statusCode as number, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  process.env.HTTP_PROXY = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  t.teardown(() => delete process.env.HTTP_PROXY)
  const reporter = hastyReporter(collector.dsn)
  tell(reporter, 3)
  t.ok(await reporter.close(5000))
  proxy.close()
  t.equal(collector.events.length, 3)
  t.strictSame(asked, [`POST ${collector.url}/api/1/events`])
})

t.test('a proxy needs no scheme, and one that is none keeps nobody from starting', async (t) => {
  t.teardown(() => delete process.env.HTTP_PROXY)
  for (const proxy of ['10.0.0.1:3128', 'proxy.example:8080', '://', 'http://[']) {
    process.env.HTTP_PROXY = proxy
    const reporter = hastyReporter('http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1')
    await reporter.close(0)
  }
})
