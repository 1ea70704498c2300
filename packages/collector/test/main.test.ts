import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { type Collector, type CollectorConfig, loadConfig, startCollector } from '@faultline/collector'
import { captureError, createReporter } from '@faultline/node'
import { pino } from 'pino'
import t, { type Test } from 'tap'

const golden = new URL('../../../../test/golden/metrics.txt', import.meta.url)

t.setTimeout(180_000) // a dozen collectors are started, each with two workers

t.test('what a service reports can be read through the API, and the books agree', async (t) => {
  const collector = await start(t)
  const { dsn } = await collector.createProject({ name: 'Shop' })
  const changes: unknown[] = []
  collector.watch((some) => changes.push(...some))
  const id = await report(t, dsn, new TypeError('No lamp'))
  await collector.drain()

  const ask = await asker(collector)
  t.match((await ask('/api/v1/issues')).body, {
    items: [{ shortId: 'SHOP-1', title: 'TypeError: No lamp', count: 1 }],
  })
  t.match((await ask(`/api/v1/events/${id}`)).body, { issueId: '1', service: 'shop' })
  t.match(changes, [
    { issueId: 1, projectId: 1, isNew: true, events: 1, lastEventId: id.replaceAll('-', '') },
  ])
  t.strictSame(await sums(collector), { received: 1, outcomes: 1, pending: 0 })
})

t.test('operators see that it is ready, and everything that they count', async (t) => {
  const { collector, query } = await startWithWorkers(t)
  const { dsn } = await collector.createProject({ name: 'Shop' })
  await report(t, dsn, new Error('counted'))
  await fetch(`${collector.url}/api/1/events`, { method: 'POST', body: '{}' })
  await collector.drain()
  t.match(await get(`${collector.url}/health/live`), { status: 200, body: { status: 'live' } })
  t.match(await get(`${collector.url}/health/ready`), { status: 200, body: { status: 'ready' } })

  const response = await fetch(`${collector.url}/metrics`)
  t.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  t.match(text, /^process_resident_memory_bytes \d/m)
  t.match(text, /^nodejs_eventloop_lag_p99_seconds \d/m)
  t.match(text, /^faultline_refused_requests_total\{reason="KeyMissing"\} 1$/m)
  t.match(text, /^faultline_append_duration_seconds_count 1$/m)
  t.equal(total(text, 'faultline_received_events_total'), 1)
  t.equal(total(text, 'faultline_outcomes') + total(text, 'faultline_pending_events'), 1)

  await query().terminate() // so that there is a death to count
  await untilReady(collector)
  t.strictSame(
    metricsIn(await (await fetch(`${collector.url}/metrics`)).text()),
    readFileSync(golden, 'utf8').trim().split('\n'),
    'dashboards and alarms name these: say what has changed in test/golden/metrics.txt and docs/guides/collector.md',
  )
})

t.test('received = Σ outcomes + pending holds at any moment, while events come in', async (t) => {
  const collector = await start(t, { rateLimit: 'off' })
  const { dsn } = await collector.createProject({ name: 'Shop' })
  const reporter = createReporter({ dsn, service: 'shop' })
  let isSending = true
  const sending = (async () => {
    for (let count = 0; count < 100; count++) {
      captureError(new Error(`error ${count % 7}`), { reporter })
      if (count % 20 === 0) await reporter.flush(5000)
    }
    await reporter.close(5000)
    isSending = false
  })()
  let looks = 0
  while (isSending || looks === 0) {
    const { received, outcomes, pending } = await sums(collector)
    if (received !== outcomes + pending) t.equal(received, outcomes + pending, `look ${looks}`)
    looks++
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await sending
  await collector.drain()
  const { received, outcomes, pending } = await sums(collector)
  t.strictSame({ received, pending }, { received: 100, pending: 0 }, `after ${looks} looks`)
  t.equal(outcomes, 100)
})

t.test('a restart finds everything, and digests what was left', async (t) => {
  const data = t.testdir()
  const first = await start(t, { data })
  const { dsn } = await first.createProject({ name: 'Shop', publicKey: 'a'.repeat(32) })
  const id = await report(t, dsn, new Error('before the restart'))
  await Promise.all([first.close(), first.close()])

  const second = await start(t, { data })
  await second.drain()
  t.match(await second.reads.event(id), { event: { exceptions: [{ message: 'before the restart' }] } })
  t.strictSame(await sums(second), { received: 1, outcomes: 1, pending: 0 })
})

t.test('a digest worker that dies loses nothing and stores nothing twice', async (t) => {
  const { collector, digest } = await startWithWorkers(t)
  const { dsn } = await collector.createProject({ name: 'Shop' })
  const ids: string[] = []
  for (let round = 0; round < 3; round++) {
    const reports = Array.from({ length: 8 }, () => report(t, dsn, new Error(`round ${round}`)))
    ids.push(...(await Promise.all(reports)))
    await digest().terminate() // with some of them still to digest
    const { status, body } = await get(`${collector.url}/health/ready`)
    t.match([status, body.detail], [503, 'The digest worker is being started again.'])
    ids.push(await report(t, dsn, new Error('while it is away')))
    await untilReady(collector)
  }
  await collector.drain()
  for (const id of ids) t.ok(await collector.reads.event(id), id)
  t.match(
    await collector.reads.outcomes({ projectIds: [1] }),
    [{ outcome: 'stored', count: ids.length }],
    'each of them once',
  )
  const { received, outcomes } = await sums(collector)
  t.equal(received, outcomes)
})

t.test('a query worker that dies is away for a moment, and its end is an event of project 0', async (t) => {
  const { collector, query } = await startWithWorkers(t)
  const ask = await asker(collector)
  t.equal((await ask('/api/v1/issues')).status, 200)
  await query().terminate()
  t.match(await get(`${collector.url}/health/ready`), {
    status: 503,
    body: { detail: 'The query worker is being started again.' },
  })
  const response = await fetch(`${collector.url}/api/v1/issues`, { headers: { authorization: 'Bearer x' } })
  t.equal(response.status, 503)
  t.equal(response.headers.get('retry-after'), '1')
  await untilReady(collector)
  await collector.drain()
  t.match((await ask('/api/v1/issues?project=0')).body, {
    items: [{ title: 'Error: The query worker has ended with code 1.', service: 'faultline', count: 1 }],
  })
})

t.test('an event is found by the instance of its problem, however long that is', async (t) => {
  const collector = await start(t)
  const ask = await asker(collector)
  const instance = encodeURIComponent(`https://shop.example/errors/${'a'.repeat(900)}`)
  const { status, body } = await ask(`/api/v1/events/${instance}`)
  t.match(
    { status, title: body.title },
    { status: 404, title: 'This event is not stored.' },
    'the route knows it',
  )
})

t.test('without room on the disk it takes nothing, says so, and is not ready', async (t) => {
  const collector = await start(t, { minFreeDiskBytes: Number.MAX_SAFE_INTEGER })
  const { keys } = await collector.createProject({ name: 'Shop' })
  const response = await fetch(`${collector.url}/api/1/envelope/?sentry_key=${keys[0]?.publicKey}`, {
    method: 'POST',
    body: '{}\n{"type":"event"}\n{"message":"hello"}\n',
  })
  t.equal(response.status, 503)
  t.equal(response.headers.get('retry-after'), '30')
  t.match(await get(`${collector.url}/health/ready`), {
    status: 503,
    body: { type: 'urn:faultline:errors:not-ready', detail: 'The disk of the collector is nearly full.' },
  })
  t.match(await get(`${collector.url}/health/live`), { status: 200 }, 'a restart would help nobody')
})

t.test('errors of the server are problems', async (t) => {
  const { url } = await start(t)
  t.match(await get(`${url}/nothing`), { status: 404, body: { type: 'about:blank', status: 404 } })
  t.match(await get(`${url}/api/v1/issues`), { status: 401, body: { title: 'A token is needed.' } })
})

t.test('what keeps it from starting is one sentence with the way out', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as AddressInfo
  const data = t.testdir({ inTheWay: 'a file' })

  await fails(t, { port }, /^Port \d+ of 127\.0\.0\.1 is in use: .* --port or FAULTLINE_PORT\.$/)
  await fails(
    t,
    { data: join(data, 'inTheWay', 'data') },
    /^The data folder .* is a file, or below one: .* --data/,
  )
  writeFileSync(
    join(data, 'store.db'),
    'this is no database, but long enough to be taken for one at first sight'.repeat(20),
  )
  await fails(t, { data }, /^The store .* is no database: /)
})

t.test('a data folder belongs to one collector at a time', async (t) => {
  const data = t.testdir()
  const first = await start(t, { data })
  await fails(t, { data }, /^The data folder .* is in use by another collector: stop that one, /)
  t.equal((await fetch(`${first.url}/health/ready`)).status, 200, 'the first one has not noticed')
  await first.close()
  await start(t, { data })
})

async function start(t: Test, changes: Partial<CollectorConfig> = {}): Promise<Collector> {
  const collector = await startCollector(configOf(t, changes), { log: pino({ level: 'silent' }) })
  t.teardown(() => collector.close())
  return collector
}

/** Also the workers that were started last, to end them. */
async function startWithWorkers(t: Test) {
  const workers: Worker[] = []
  const note = (worker: Worker) => void workers.push(worker)
  process.on('worker', note)
  t.teardown(() => process.off('worker', note))
  const collector = await start(t)
  const last = (name: string) => workers.findLast(({ threadName }) => threadName === name) as Worker
  return { collector, digest: () => last('digest worker'), query: () => last('query worker') }
}

async function untilReady({ url }: Collector): Promise<void> {
  while ((await fetch(`${url}/health/ready`)).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 10))
}

function configOf(t: Test, changes: Partial<CollectorConfig>): CollectorConfig {
  const config = loadConfig({ env: {}, folder: t.testdirName })
  return {
    ...config,
    host: '127.0.0.1',
    port: 0,
    minFreeDiskBytes: 0,
    data: changes.data ?? t.testdir(),
    ...changes,
  }
}

async function fails(t: Test, changes: Partial<CollectorConfig>, message: RegExp): Promise<void> {
  const data = changes.data ?? join(t.testdirName, 'data')
  await t.rejects(startCollector(configOf(t, { ...changes, data }), { log: pino({ level: 'silent' }) }), {
    message,
  })
}

/** Sends one error as a service would. @returns the id of its event */
async function report(t: Test, dsn: string, error: Error): Promise<string> {
  const reporter = createReporter({ dsn, service: 'shop' })
  t.teardown(() => reporter.close(0))
  const id = captureError(error, { reporter })
  t.ok(await reporter.flush(10_000), 'it is taken')
  return String(id)
}

async function asker(collector: Collector) {
  const token = await collector.createToken({ name: 'test', role: 'viewer' })
  return (path: string) => get(collector.url + path, { authorization: `Bearer ${token}` })
}

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function sums(collector: Collector) {
  const { received, outcomes, pending } = await collector.readBooks()
  return {
    received: sum([...received.values()]),
    outcomes: sum(outcomes.map(({ count }) => count)),
    pending: pending.events,
  }
}

/** Name, type and labels of each metric of ours, as a scraper sees them. */
function metricsIn(text: string): string[] {
  return [...text.matchAll(/^# TYPE (faultline_\w+) (\w+)$/gm)]
    .map(([, name, type]) => {
      const samples = [...text.matchAll(new RegExp(`^${name}(?:_bucket)?\\{(.*)\\} `, 'gm'))]
      const labels = samples.flatMap(([, pairs = '']) =>
        [...pairs.matchAll(/(\w+)="/g)].map(([, label]) => label),
      )
      return [name, type, ...new Set(labels)].join(' ')
    })
    .sort()
}

/** Of all its labels together. */
function total(text: string, metric: string): number {
  return sum(
    [...text.matchAll(new RegExp(`^${metric}(?:\\{.*\\})? (\\d+)$`, 'gm'))].map(([, value]) => Number(value)),
  )
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0)
}
