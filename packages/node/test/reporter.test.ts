import { writeFileSync } from 'node:fs'
import type { ErrorReport, RepeatedError } from '@faultline/core'
import { runWithContext } from '@faultline/core'
import { newEventId, thrownReport } from '@faultline/core/adapter'
import { errorMiddleware, requestContext } from '@faultline/express'
import { errorPlugin } from '@faultline/fastify'
import { createReporter, type NodeReporter, type ReporterOptions } from '@faultline/node'
import type { ErrorEvent } from '@faultline/protocol'
import express from 'express'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { type Collector, faults, startCollector } from '../../../test/fakes/collector.js'
import { captureError } from '../src/guard/capture-error.js'
import { currentReporter } from '../src/reporter/current-reporter.js'
import { createRepeatCheck } from '../src/reporter/repeat-check.js'
import { distinctReport, distinctReports, reportFrom } from './distinct-reports.js'
import { checkBooks, hastyReporter } from './hasty-reporter.js'

interface Scene {
  collector: Collector
  reporter: NodeReporter
}

async function scene(t: Test, options: ReporterOptions = {}): Promise<Scene> {
  const collector = await startCollector()
  const reporter = hastyReporter(collector.dsn, options)
  t.teardown(async () => {
    await reporter.close(1000)
    await collector.stop()
  })
  return { collector, reporter }
}

/** What arrives of one report. */
async function arrived(t: Test, options: ReporterOptions, report: ErrorReport = distinctReport()) {
  const complaints: string[] = []
  const { collector, reporter } = await scene(t, {
    logger: { warn: (_: object, message: string) => void complaints.push(message) } as never,
    ...options,
  })
  reporter.report(report)
  t.ok(await reporter.flush())
  checkBooks(t, collector, reporter)
  return { event: collector.events[0] as ErrorEvent, complaints, stats: reporter.stats() }
}

t.test('an event says what happened, where and in what', async (t) => {
  const report = runWithContext({ user: { id: '7' }, tenant: 'acme', tags: { plan: 'gold' } }, () =>
    thrownReport(new TypeError('Out of lamps', { cause: new Error('The shelf is empty') }), {
      mechanism: 'manual',
      handled: true,
    }),
  )
  const { event } = await arrived(t, { environment: 'test', release: '1.4.2', commit: 'abc1234' }, report)
  t.match(event, {
    id: report.id,
    level: 'error',
    handled: true,
    mechanism: 'manual',
    platform: 'node',
    service: 'shop',
    environment: 'test',
    release: '1.4.2',
    commit: 'abc1234',
    host: { name: String },
    runtime: { name: 'node', version: process.versions.node },
    user: { id: '7' },
    tenant: 'acme',
    tags: { plan: 'gold' },
    sdk: { name: '@faultline/node' },
  })
  const [thrown, cause] = event.exceptions
  t.match(
    [thrown?.type, thrown?.message, cause?.message],
    ['TypeError', 'Out of lamps', 'The shelf is empty'],
  )
  t.match(thrown?.frames[0], { inApp: true, file: /reporter\.test/ })
})

t.test('beforeSend has the last word', async (t) => {
  t.test('it may change the event, but not whose it is', async (t) => {
    const report = distinctReport()
    const { event } = await arrived(
      t,
      { beforeSend: (event) => ({ ...event, id: newEventId(), tags: { by: 'us' } }) },
      report,
    )
    t.strictSame([event.id, event.tags], [report.id, { by: 'us' }])
  })

  t.test('null drops it, and what was counted under it', async (t) => {
    const { collector, reporter } = await scene(t, { beforeSend: () => null, maxEqualPerMinute: 1 })
    for (let i = 0; i < 10; i++) reporter.report(reportFrom('dropped'))
    t.ok(await reporter.flush())
    t.strictSame(reporter.stats().dropped, { before_send: 10 })
    checkBooks(t, collector, reporter)
  })

  const failing: Record<string, unknown> = {
    throws: () => {
      throw new Error('a bug of theirs')
    },
    'returns a promise': async (event: unknown) => event,
    'returns a promise that rejects': async () => {
      throw new Error('later')
    },
    'returns nothing': () => undefined,
    'returns a number': () => 7,
    'returns no event': () => ({}),
    'returns what JSON cannot say': (event: object) => ({ ...event, extra: { big: 1n } }),
    'spoils the event': (event: ErrorEvent) => Object.assign(event, { level: 'very bad' }),
  }
  for (const [what, beforeSend] of Object.entries(failing)) {
    t.test(`one that ${what} costs the event its extras, never the event`, async (t) => {
      const report = { ...distinctReport(), tags: { plan: 'gold' }, extra: { a: 1 }, user: { id: '7' } }
      const { event, complaints } = await arrived(
        t,
        { beforeSend: beforeSend as never },
        { ...report, thrown: 0 },
      )
      t.equal(event.id, report.id)
      t.strictSame([event.tags, event.extra, event.user], [undefined, undefined, undefined])
      t.equal(event.exceptions[0]?.frames.length, 8)
      t.match(complaints, [/beforeSend has failed/])
    })
  }
})

t.test('a logger that throws is nobody’s concern', async (t) => {
  const logger = {
    warn: () => {
      throw new Error('no space left')
    },
  } as never
  const { event } = await arrived(t, { logger, beforeSend: () => 7 as never })
  t.ok(event)
})

t.test('what is not wanted is not sent', async (t) => {
  t.test('ignoreErrors', async (t) => {
    const { collector, reporter } = await scene(t, { ignoreErrors: ['Error: Out of lamps', /oven/g] })
    for (const message of ['Out of lamps', 'Out of ovens', 'Out of ovens', 'Out of tea']) {
      reporter.report(distinctReport(message))
    }
    t.ok(await reporter.flush())
    t.strictSame(
      collector.events.map(({ message }) => message),
      ['Out of tea'],
    )
    t.strictSame(reporter.stats().dropped, { ignored: 3 })
    checkBooks(t, collector, reporter)
  })

  t.test('sampleRate, for all and by level', async (t) => {
    const { collector, reporter } = await scene(t, { sampleRate: { error: 0, warning: 0.5 } })
    for (const level of ['error', 'warning', 'fatal'] as const) {
      for (const report of distinctReports(400)) reporter.report({ ...report, level, thrown: 0 })
    }
    t.ok(await reporter.flush())
    const warnings = collector.events.filter(({ level }) => level === 'warning').length
    t.ok(warnings > 100 && warnings < 300, `${warnings} of 400`)
    t.equal(collector.events.filter(({ level }) => level === 'fatal').length, 400)
    t.strictSame(reporter.stats().dropped, { sampled: 800 - warnings })
    checkBooks(t, collector, reporter)
  })
})

t.test('equal errors in a storm are counted, and arrive as a number', async (t) => {
  const { collector, reporter } = await scene(t, { maxEqualPerMinute: 5 })
  const ids = Array.from({ length: 1000 }, () => {
    const report = reportFrom('the storm')
    reporter.report(report)
    return report.id
  })
  t.ok(await reporter.flush())
  t.match(reporter.stats(), { reported: 1000, sent: 5, counted: 995 })
  t.strictSame(collector.repeats, { [ids[0] as string]: 995 })
  t.strictSame(reporter.lastCounted().at(-1), { id: ids.at(-1), eventId: ids[0] })
  t.equal(reporter.lastCounted().length, 100)
  checkBooks(t, collector, reporter)
})

t.test('a clock that jumps changes nothing', async (t) => {
  const { collector, reporter } = await scene(t)
  const now = Date.now
  t.teardown(() => {
    Date.now = now
  })
  for (const yearsAway of [-10, 10, 0]) {
    Date.now = () => now() + yearsAway * 31_536_000_000
    collector.answerWith(faults.status(503, { retryAfter: 0 }), { times: 1 })
    for (const report of distinctReports(10)) reporter.report(report)
    reporter.countRequest?.('/', 200)
    t.ok(await reporter.flush(10_000))
  }
  t.equal(collector.events.length, 30)
  checkBooks(t, collector, reporter)
})

t.test('memory is bounded while the collector is away', async (t) => {
  const { collector, reporter } = await scene(t, { maxMemoryBytes: 200_000 })
  collector.answerWith(faults.status(503))
  for (let i = 0; i < 2000; i++)
    reporter.report({ ...distinctReport(), extra: { text: 'x'.repeat(5000) }, thrown: 0 })
  t.equal(await reporter.flush(50), false)
  const { waiting, dropped } = reporter.stats()
  t.ok(waiting < 200, `${waiting} wait`)
  t.equal(waiting + (dropped.memory ?? 0), 2000)
  collector.answerWith()
  t.ok(await reporter.flush(10_000))
  checkBooks(t, collector, reporter)
})

t.test('memory is bounded too while neither the collector nor the disk can be reached', async (t) => {
  const folder = t.testdir({ file: '' })
  const { collector, reporter } = await scene(t, { maxMemoryBytes: 200_000, spoolDir: `${folder}/spool` })
  writeFileSync(`${folder}/spool`, 'in the way')
  collector.answerWith(faults.status(503))
  for (let round = 0; round < 20; round++) {
    for (const report of distinctReports(500)) reporter.report(report)
    await reporter.flush(20)
  }
  const { waiting, dropped } = reporter.stats()
  t.ok(waiting < 1000, `${waiting} wait`)
  t.equal(waiting + (dropped.memory ?? 0), 10_000)
  collector.answerWith()
  t.ok(await reporter.flush(10_000))
  checkBooks(t, collector, reporter)
})

t.test('a batch that the collector never takes does not keep the others waiting', async (t) => {
  for (const spoolDir of [undefined, t.testdir()]) {
    const { collector, reporter } = await scene(t, { spoolDir })
    const poisoned = distinctReport('poison')
    collector.answerWith(faults.failOn((batch) => batch.includes(poisoned.id), 500))
    reporter.report(poisoned)
    await collector.waitFor(({ attempts }) => attempts >= 1)
    for (const report of distinctReports(50)) reporter.report(report)
    await collector.waitFor(({ events }) => events.length === 50)
    collector.answerWith()
    await collector.waitFor(({ events }) => events.length === 51, 'and it goes on being tried')
    t.ok(await reporter.flush())
    checkBooks(t, collector, reporter)
  }
})

t.test('close', async (t) => {
  t.test('sends what waits, and takes no more', async (t) => {
    const { collector, reporter } = await scene(t, { flushIntervalMs: 60_000 })
    reporter.report(distinctReport())
    t.ok(await reporter.close())
    reporter.report(distinctReport())
    t.match(reporter.stats(), { sent: 1, dropped: { closed: 1 } })
    t.ok(await reporter.close(), 'twice is once')
    checkBooks(t, collector, reporter)
  })

  t.test('keeps its time when the collector does not answer', async (t) => {
    const { collector, reporter } = await scene(t, { timeoutMs: 60_000 })
    collector.answerWith(faults.silence())
    reporter.report(distinctReport())
    await collector.waitFor(({ attempts }) => attempts === 1)
    const startMs = performance.now()
    t.equal(await reporter.close(100), false)
    t.ok(performance.now() - startMs < 5000)
    t.match(reporter.stats(), { waiting: 0, dropped: { closed: 1 } })
  })

  t.test('the process’s reporter is the first that is open', async (t) => {
    const [{ reporter: first }, { reporter: second }] = [await scene(t), await scene(t)]
    t.equal(currentReporter(), first)
    await first.close()
    t.equal(currentReporter(), undefined)
    await second.close()
  })
})

t.test('options', async (t) => {
  t.test('every mistake is named at once', async (t) => {
    const wrong = {
      dsn: 'https://secret@example.com',
      service: 7,
      protocol: 'smtp',
      sampleRate: { error: 2 },
      maxMemoryBytes: 1,
      colour: 'red',
      logger: console.log,
    }
    const error = t.throws(() => createReporter(wrong as never)) as { detail?: string }
    for (const name of Object.keys(wrong))
      t.match(error.detail, new RegExp(`- (?:createReporter: )?${name} `), name)
    t.notMatch(error.detail, /secret/)
  })

  t.test('values that would do harm, or nothing, are mistakes', async (t) => {
    const logger = { warn: () => undefined } as never
    const harmful: [string, ReporterOptions][] = [
      ['.retry: minDelayMs must be milliseconds, from 1 to 2147483647', { retry: { minDelayMs: 0 } }],
      ['.retry: maxDelayMs must be milliseconds, from 1 to 2147483647', { retry: { maxDelayMs: -1 } }],
      ['.retry: minDelayMs (9) is more than maxDelayMs (8)', { retry: { minDelayMs: 9, maxDelayMs: 8 } }],
      ['.retry: minDelayMs (1000) is more than maxDelayMs (500)', { retry: { maxDelayMs: 500 } }],
      [
        '.retry: delayMs is no option; the options are minDelayMs, maxDelayMs',
        { retry: { delayMs: 1 } as never },
      ],
      [': retry must be an object', { retry: [] as never }],
      [': timeoutMs must be milliseconds, from 1 to 2147483647', { timeoutMs: 0 }],
      [': maxEqualPerMinute must be a whole number from 1, or Infinity', { maxEqualPerMinute: 1.5 }],
      [': ignoreErrors has an empty text, which every error has in it', { ignoreErrors: ['tea', ''] }],
      [': ignoreErrors has an empty text, which every error has in it', { ignoreErrors: [' '] }],
      [': debug needs a logger with info', { debug: true }],
      [': debug needs a logger with info', { debug: true, logger }],
      [': logger must be a logger with warn', { logger: { info: () => undefined } as never }],
    ]
    for (const [mistake, options] of harmful) {
      const mistakes = [`createReporter${mistake}`]
      t.throws(
        () => createReporter(options),
        { name: 'InvalidConfiguration', extensions: { mistakes } },
        mistake,
      )
    }
    const harmless: ReporterOptions[] = [
      { retry: { minDelayMs: 1, maxDelayMs: 1 }, timeoutMs: 1, maxEqualPerMinute: 1, ignoreErrors: [] },
      { maxEqualPerMinute: Number.POSITIVE_INFINITY, debug: true, logger: console, retry: {} },
      { logger, debug: false },
    ]
    for (const options of harmless) t.ok(await createReporter(options).close())
  })

  t.test('a mistake in the environment is one too', async (t) => {
    process.env.FAULTLINE_DSN = 'nowhere'
    t.teardown(() => delete process.env.FAULTLINE_DSN)
    t.throws(() => createReporter(), /FAULTLINE_DSN/)
  })

  t.test('switched off, or without a DSN, it does nothing at all', async (t) => {
    const collector = await startCollector()
    t.teardown(() => collector.stop())
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = [timers(), process.listenerCount('exit')]
    for (const reporter of [
      createReporter({ dsn: collector.dsn, enabled: false, spoolDir: t.testdir() }),
      createReporter(),
    ]) {
      reporter.report(distinctReport())
      reporter.countRequest?.('/', 200)
      t.ok(await reporter.flush())
      t.ok(await reporter.close())
      t.match(reporter.stats(), { reported: 0 })
    }
    t.strictSame([timers(), process.listenerCount('exit')], before)
    t.equal(currentReporter(), undefined)
    t.equal(collector.attempts, 0)
  })
})

t.test('with the error handlers', async (t) => {
  t.test('Fastify: one event for a 500, none for a 404, and every request counted', async (t) => {
    const { collector, reporter } = await scene(t)
    const app = Fastify()
    await app.register(errorPlugin, { reporter, logger: false })
    app.get('/orders/:id', async () => {
      throw new Error('password=hunter2')
    })
    const { instance } = (await app.inject('/orders/7?token=abc')).json() as { instance: string }
    await app.inject('/nowhere')
    await app.close()
    t.ok(await reporter.flush())
    t.equal(collector.events.length, 1)
    const [event] = collector.events as [ErrorEvent]
    t.equal(instance, `urn:uuid:${event.id}`)
    t.match(event, { mechanism: 'http', handled: false, request: { route: '/orders/:id', status: 500 } })
    t.notMatch(JSON.stringify(event), /hunter2|token=abc/)
    const counts = collector.requests.map(({ route, status, count }) => [route, status, count])
    t.strictSame(counts.sort(), [
      ['', '4xx', 1],
      ['/orders/:id', '5xx', 1],
    ])
    checkBooks(t, collector, reporter)
  })

  t.test('Express: the same', async (t) => {
    const { collector, reporter } = await scene(t)
    const app = express()
    app.use(requestContext({ reporter }))
    app.get('/orders/:id', () => {
      throw new Error('No.')
    })
    app.use(errorMiddleware({ reporter, logger: false }))
    const server = app.listen(0)
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await (await fetch(`http://127.0.0.1:${port}/orders/7`)).text()
    await new Promise((resolve) => server.close(resolve))
    t.ok(await reporter.flush())
    t.equal(collector.events.length, 1)
    t.equal(
      collector.requests.reduce((sum, { count }) => sum + count, 0),
      1,
    )
    checkBooks(t, collector, reporter)
  })

  t.test('a storm of one error costs no more reports, and every request has an id of its own', async (t) => {
    const { collector, reporter } = await scene(t, { maxEqualPerMinute: 3 })
    let reports = 0
    const counting: NodeReporter = Object.assign(Object.create(reporter), {
      report: (report: ErrorReport) => {
        reports++
        reporter.report(report)
      },
      countRepeat: (error: RepeatedError) => reporter.countRepeat?.(error) === true,
      flush: (timeoutMs: number) => reporter.flush(timeoutMs),
    })
    const app = Fastify()
    await app.register(errorPlugin, { reporter: counting, logger: false })
    app.get('/:id', async (request) => {
      throw new Error(`No order ${(request.params as { id: string }).id}`)
    })
    const ids = new Set<string>()
    for (let i = 0; i < 50; i++)
      ids.add(((await app.inject(`/${i}`)).json() as { instance: string }).instance)
    await app.close()
    t.ok(await reporter.flush())
    t.equal(ids.size, 50)
    t.equal(reports, 3)
    t.match(reporter.stats(), { reported: 50, sent: 3, counted: 47 })
    checkBooks(t, collector, reporter)
  })

  t.test('whatever an error calls its code, it is reported', async (t) => {
    const { collector, reporter } = await scene(t)
    const codes = [
      Symbol('code'),
      Object.create(null),
      {
        toString: () => {
          throw new Error('no')
        },
      },
      7n,
    ]
    const app = Fastify()
    await app.register(errorPlugin, { reporter, logger: false })
    app.get('/:at', async (request) => {
      throw Object.assign(new Error('No.'), { code: codes[Number((request.params as { at: string }).at)] })
    })
    for (const at of codes.keys()) await app.inject(`/${at}`)
    await app.close()
    t.ok(await reporter.flush())
    t.equal(collector.events.length, codes.length)
    checkBooks(t, collector, reporter)
  })

  t.test('an error that was reported by hand is not reported again by the handler', async (t) => {
    const { collector, reporter } = await scene(t)
    const app = Fastify()
    await app.register(errorPlugin, { reporter, logger: false })
    app.get('/', async () => {
      const error = new Error('No.')
      captureError(error, { reporter })
      throw error
    })
    await app.inject('/')
    await app.close()
    t.ok(await reporter.flush())
    t.equal(collector.events.length, 1)
    t.match(reporter.stats(), { reported: 1 })
  })
})

t.test('a reporter can tell what it was given before', async (t) => {
  const isRepeat = createRepeatCheck()
  const thrown = new Error('broken')
  const first = thrownReport(thrown, { mechanism: 'manual', handled: true })
  const http = { ...first, mechanism: 'http', thrown } as const
  t.notOk(isRepeat(first))
  t.ok(isRepeat(http))
  t.notOk(isRepeat({ ...http, id: 'another time' }))
  t.notOk(createRepeatCheck()(http), 'another reporter was not given it')
  const text = { ...http, thrown: 'text' }
  t.notOk(isRepeat(text) || isRepeat(text))
})

t.test('no secret is on the wire', async (t) => {
  const secrets = ['hunter2', 'sk_live_51H8xyzABCDEFGH', '4111111111111111']
  const { collector, reporter } = await scene(t)
  const error = Object.assign(
    new Error(`password=${secrets[0]}`, { cause: new Error(`card ${secrets[2]}`) }),
    {
      config: { headers: { Authorization: `Bearer ${secrets[1]}` } },
      password: secrets[0],
    },
  )
  error.name = 'AxiosError'
  const context = { extra: { apiKey: secrets[1] }, tags: { password: secrets[0] as string } }
  reporter.report(thrownReport(error, { mechanism: 'manual', handled: true, context }))
  t.ok(await reporter.flush())
  const wire = JSON.stringify(collector.batches)
  for (const secret of secrets) t.notOk(wire.includes(secret), secret)
  t.equal(collector.events.length, 1)
})

t.test('redact hides more than the suite’s list, in what the application adds too', async (t) => {
  const { collector, reporter } = await scene(t, {
    redact: { keys: ['customer', 'id', 'line'], paths: ['tags.plan'] },
    beforeSend: (event) => ({ ...event, extra: { ...event.extra, seen: 'yes' } }),
  })
  const number = ['c', 77].join('-') // not in the source, which is sent too
  const context = { extra: { customerNumber: number }, tags: { plan: 'gold', region: 'eu' } }
  reporter.report(
    thrownReport(new Error(`customer=${number}`), { mechanism: 'manual', handled: true, context }),
  )
  t.ok(await reporter.flush())
  t.match(collector.events, [
    { tags: { plan: '[Filtered]', region: 'eu' }, extra: { customerNumber: '[Filtered]', seen: 'yes' } },
  ])
  t.notMatch(JSON.stringify(collector.batches), number)
  t.match(collector.events[0]?.exceptions[0]?.frames[0], { inApp: true, line: Number })
  checkBooks(t, collector, reporter)
})

t.test('protocol: sentry', async (t) => {
  t.test('each event is an envelope that a Sentry server understands', async (t) => {
    const { collector, reporter } = await scene(t, { protocol: 'sentry', release: '1.4.2' })
    t.equal(reporter.countRequest, undefined, 'it has no word for request counts')
    const error = new TypeError('Out of lamps', { cause: new Error('The shelf is empty') })
    const report = thrownReport(error, {
      mechanism: 'manual',
      handled: true,
      context: { tags: { plan: 'gold' } },
    })
    reporter.report(report)
    for (const more of distinctReports(3)) reporter.report(more)
    t.ok(await reporter.flush())
    t.equal(collector.sentryEvents.length, 4)
    const id = report.id.replaceAll('-', '')
    const sent = collector.sentryEvents.find(({ event_id }) => event_id === id) as Record<string, unknown>
    t.match(sent, {
      platform: 'node',
      level: 'error',
      release: '1.4.2',
      tags: { plan: 'gold', service: 'shop' },
      exception: {
        values: [{ value: 'The shelf is empty' }, { type: 'TypeError', mechanism: { handled: true } }],
      },
    })
    const { values } = sent.exception as { values: { stacktrace: { frames: { filename: string }[] } }[] }
    t.match(values[1]?.stacktrace.frames.at(-1)?.filename, /reporter\.test/, 'the newest frame is the last')
  })

  t.test('what it had to give up is a client report, and a rate limit is obeyed', async (t) => {
    const { collector, reporter } = await scene(t, {
      protocol: 'sentry',
      maxEqualPerMinute: 1,
      ignoreErrors: ['tea'],
    })
    collector.answerWith(faults.status(429, { headers: { 'x-sentry-rate-limits': '1:error:key' } }), {
      times: 1,
    })
    for (let i = 0; i < 5; i++) reporter.report(reportFrom('here'))
    reporter.report(distinctReport('tea'))
    await collector.waitFor(({ sentryEvents }) => sentryEvents.length === 1)
    t.ok(await reporter.flush())
    const discarded = collector.clientReports.flatMap(({ discarded_events = [] }) => discarded_events)
    const quantity = (reason: string) =>
      discarded.filter((one) => one.reason === reason).reduce((sum, one) => sum + one.quantity, 0)
    t.equal(quantity('ratelimit_backoff'), 4)
    t.equal(quantity('event_processor'), 1)
    t.match(reporter.stats(), { sent: 1, counted: 4, dropped: { ignored: 1 }, waiting: 0 })
  })
})
