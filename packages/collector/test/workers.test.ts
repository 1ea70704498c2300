import { problem } from '@faultline/core'
import { readBatch } from '@faultline/protocol'
import t, { type Test } from 'tap'
import { createOwnErrors } from '../src/own-errors.js'
import { startPressureGauge } from '../src/pressure.js'
import { type NewBody, QueueFull } from '../src/queue/queue.js'
import { superviseWorker } from '../src/supervised-worker.js'
import { watchQueue } from '../src/watched-queue.js'
import { FakeQueue } from './intake/intake-server.js'
import type { Mortal } from './worker-programs/mortal-worker.js'

/** A 503. */
const away = { name: 'NotReady', message: 'The test worker is being started again.' }

t.test('two threads call each other as if they were one', async (t) => {
  const { remote } = await mortal(t)
  t.equal(await remote.add(1, 2), 3)
  t.equal(await remote.quadruple(3), 12, 'the worker calls back')
  const bytes = Buffer.from('a slice of a pool that others use too')
  t.equal(await remote.sizeOf(bytes), bytes.length)
  t.equal(bytes.toString(), 'a slice of a pool that others use too', 'what was sent is still there')
  await t.rejects(remote.fail(), { name: 'BadRequestToStore', message: 'too far' })
  await t.rejects((remote as unknown as { nothing(): Promise<void> }).nothing(), {
    message: 'There is no method nothing.',
  })
  await t.rejects(remote.add(1, (() => 1) as never), { name: 'DataCloneError' })
  t.equal(await Promise.resolve(remote), remote, 'a remote is no promise')
})

t.test('a worker that ends rejects what is open with a 503, and another one starts', async (t) => {
  const { worker, deaths, remote } = await mortal(t)
  const open = t.rejects(remote.never(), away)
  await Promise.all([open, t.rejects(remote.end(3), away)])
  t.equal(worker.trouble(), 'The test worker is being started again.')
  await t.rejects(remote.add(1, 1), away, 'at once, while it is away')
  await until(() => worker.trouble() === undefined)
  t.equal(await remote.add(1, 1), 2)
  t.match(deaths, [{ message: 'The test worker has ended with code 3.', pauseMs: 100 }])

  await remote.crash().catch(() => undefined) // it may be quicker than its answer
  await until(() => deaths.length === 2 && worker.trouble() === undefined)
  t.match(deaths[1], { message: 'the disk is gone', pauseMs: 200 }, 'each time after a longer pause')
})

t.test('a worker that hangs can be ended, and another one starts', async (t) => {
  const { worker, deaths, remote } = await mortal(t)
  const hanging = t.rejects(remote.hang(), away)
  worker.end()
  await hanging
  await until(() => worker.trouble() === undefined)
  t.equal(await remote.add(1, 1), 2)
  t.equal(deaths.length, 1)
})

t.test('a worker that cannot start says why to whoever starts it', async (t) => {
  const starting = superviseWorker<Mortal>({
    ...options(),
    data: { refuses: 'no such file' },
    onDeath: () => t.fail('it never lived'),
  })
  await t.rejects(starting, { message: 'no such file' })
})

t.test('the collector reports its own errors to project 0', async (t) => {
  const bodies: NewBody[] = []
  const errors = createOwnErrors({ append: async (body) => bodies.push(body), log: quiet(), now: () => 1 })
  errors.capture(new TypeError('no such column'))
  t.match(bodies, [{ projectId: 0, format: 'batch', encoding: 'identity', eventCount: 1, receivedAt: 1 }])
  const { batch, rejected } = readBatch(JSON.parse(Buffer.from(bodies[0]?.bytes ?? []).toString()))
  t.strictSame(rejected, [])
  const [event] = batch?.events ?? []
  t.match(event, {
    service: 'faultline',
    sdk: { name: '@faultline/collector' },
    exceptions: [{ type: 'TypeError' }],
  })
  t.match(event?.exceptions[0]?.frames[0], { file: /workers\.test/, inApp: true })
})

t.test('errors of the collector itself cannot feed themselves', async (t) => {
  const bodies: NewBody[] = []
  const warnings: string[] = []
  let now = 0
  let full = false
  const errors = createOwnErrors({
    append: async (body) => {
      if (full) throw new QueueFull('limit')
      return bodies.push(body)
    },
    log: { warn: (_fields: object, message?: string) => void warnings.push(String(message)) },
    now: () => now,
  })
  errors.capture(new Error('while project 0 is digested'), 0)
  t.equal(bodies.length, 0, 'nothing that happens while its own project is handled')

  for (let count = 0; count < 25; count++) errors.capture(problem(500, 'again'), 7)
  t.equal(bodies.length, 10, 'ten a minute')
  now = 60_000
  errors.capture(new Error('in the next minute'))
  t.equal(bodies.length, 11)

  full = true
  errors.capture(new Error('one too many'))
  await until(() => warnings.length > 0)
  t.strictSame(warnings, ['An error of the collector itself could not be kept.'])
})

t.test('without room on the disk or in memory nothing is taken, and it is over by itself', async (t) => {
  const config = { minFreeDiskBytes: 0, memoryLimitBytes: Number.MAX_SAFE_INTEGER }
  const said: string[] = []
  const log = {
    warn: (text: unknown) => void said.push(String(text)),
    info: (text: unknown) => void said.push(String(text)),
  }
  const gauge = await startPressureGauge({ config, folder: t.testdir(), log: log as never })
  t.teardown(() => gauge.close())
  t.equal(gauge.current(), undefined)
  config.minFreeDiskBytes = Number.MAX_SAFE_INTEGER
  await until(() => gauge.current() !== undefined)
  t.match(gauge.current(), { retryAfterSeconds: 30, reason: /disk/ })
  config.minFreeDiskBytes = 0
  config.memoryLimitBytes = 1
  await until(() => /memory/.test(gauge.current()?.reason ?? ''))
  config.memoryLimitBytes = Number.MAX_SAFE_INTEGER
  await until(() => gauge.current() === undefined)
  t.match(said, [/disk .* nearly full/, /short of memory/, 'There is room again.'])
})

t.test('the lag is the age of the oldest body that is not digested', async (t) => {
  let now = 0
  const queue = watchQueue(new FakeQueue(), () => now)
  const append = () => queue.append({} as NewBody)
  t.equal(queue.lagSeconds(), 0)
  await append() // position 1
  now = 5000
  await append()
  now = 8000
  t.equal(queue.lagSeconds(), 8)
  queue.trim(1, [])
  t.equal(queue.lagSeconds(), 3)
  queue.trim(2, [])
  t.equal(queue.lagSeconds(), 0)
  t.equal(queue.digestedTo(), 2)

  await append()
  now += 299_000
  t.equal(queue.trouble(), undefined)
  now += 1000
  t.equal(queue.trouble(), 'Events have waited for 5 minutes to be digested: the log says why.')
  queue.trim(3, [])
  t.equal(queue.trouble(), undefined)
})

function options() {
  const file = new URL('./worker-programs/mortal-worker.js', import.meta.url)
  return { name: 'test worker', file, data: {}, methods: { double: (number: number) => 2 * number } }
}

async function mortal(t: Test) {
  const deaths: { message: string; pauseMs: number }[] = []
  const onDeath = ({ message }: Error, pauseMs: number) => void deaths.push({ message, pauseMs })
  const worker = await superviseWorker<Mortal>({ ...options(), onDeath })
  t.teardown(() => worker.close())
  return { worker, deaths, remote: worker.remote }
}

function quiet() {
  return { warn: () => undefined }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}
