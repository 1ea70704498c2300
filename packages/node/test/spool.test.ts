// While the collector is away, events wait on disk; they outlive the process, and arrive once.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from '@faultline/core'
import type { NodeReporter, ReporterOptions, ReporterStats } from '@faultline/node'
import t, { type Test } from 'tap'
import { type Collector, faults, startCollector } from '../../../test/fakes/collector.js'
import { distinctReports } from './distinct-reports.js'
import { checkBooks, hastyReporter } from './hasty-reporter.js'

const program = join(import.meta.dirname, 'spool-programs/report-and-wait.js')

async function collectorOf(t: Test): Promise<Collector> {
  const collector = await startCollector()
  t.teardown(() => collector.stop())
  return collector
}

function reporterOf(t: Test, collector: Collector, options: ReporterOptions): NodeReporter {
  const reporter = hastyReporter(collector.dsn, options)
  t.teardown(() => reporter.close(1000))
  return reporter
}

function tell(reporter: NodeReporter, count: number): void {
  for (const report of distinctReports(count)) reporter.report(report)
}

/** The files that wait below a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'))
}

async function until(isSo: () => boolean, what: () => unknown): Promise<void> {
  const deadlineMs = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > deadlineMs) throw new Error(`Not in ten seconds: ${what()}`)
    await nextTurn()
  }
}

/** A file goes when the answer has come back. */
function emptied(folder: string): Promise<void> {
  return until(
    () => filesIn(folder).length === 0,
    () => `nothing but ${filesIn(folder)}`,
  )
}

/** A process of its own that reports, and what it says once all of that is on disk or sent. */
async function run(t: Test, env: Record<string, string>, ...args: string[]) {
  const child = fork(program, args, { env: { ...process.env, ...env }, stdio: 'inherit' })
  t.teardown(() => child.kill('SIGKILL'))
  const [told] = (await once(child, 'message')) as [{ stats: ReporterStats; ids: string[] }]
  t.equal(told.stats.waiting, 0, 'nothing waits in its memory')
  return { child, ...told }
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

t.test('what cannot be sent goes to disk, and from there to the collector', async (t) => {
  const collector = await collectorOf(t)
  await collector.stop()
  const spoolDir = t.testdir()
  const reporter = reporterOf(t, collector, { spoolDir })
  tell(reporter, 250)
  t.ok(await reporter.flush(5000), 'flush is content: nothing waits in memory')
  t.match(reporter.stats(), { waiting: 0, spooled: 250, sent: 0 })
  t.ok(filesIn(spoolDir).length > 0)
  for (const file of filesIn(spoolDir))
    t.equal(statSync(join(spoolDir, file)).mode & 0o077, 0, 'for the owner only')
  await collector.restart()
  await collector.waitFor(({ events }) => events.length === 250)
  t.ok(await reporter.flush())
  t.match(reporter.stats(), { spooled: 0, sent: 250 })
  await emptied(spoolDir)
  checkBooks(t, collector, reporter)
  await reporter.close()
  t.strictSame(readdirSync(join(spoolDir, readdirSync(spoolDir)[0] as string)), [], 'and its folder is gone')
})

t.test('they are sent in the order in which they happened', async (t) => {
  const collector = await collectorOf(t)
  collector.answerWith(faults.status(503))
  const reporter = reporterOf(t, collector, { spoolDir: t.testdir() })
  for (let i = 0; i < 5; i++) {
    tell(reporter, 20)
    await reporter.flush(5000)
  }
  collector.answerWith()
  await collector.waitFor(({ events }) => events.length === 100)
  const ids = collector.events.map(({ id }) => id)
  t.strictSame(ids, [...ids].sort())
})

t.test('a process killed with kill -9 while events are on disk: the next start delivers', async (t) => {
  const collector = await collectorOf(t)
  await collector.stop()
  const env = { FAULTLINE_DSN: collector.dsn, FAULTLINE_SPOOL_DIR: t.testdir() }
  const { child, stats } = await run(t, env, '120')
  t.match(stats, { reported: 120, spooled: 120, waiting: 0 })
  await killed(child)
  await collector.restart()
  const next = await run(t, env, '3')
  await collector.waitFor(({ events }) => events.length === 123)
  await emptied(env.FAULTLINE_SPOOL_DIR)
  t.strictSame(collector.duplicates, [])
  await killed(next.child)
})

t.test('two processes with one spool directory send nothing twice', async (t) => {
  const collector = await collectorOf(t)
  await collector.stop()
  const env = { FAULTLINE_DSN: collector.dsn, FAULTLINE_SPOOL_DIR: t.testdir() }
  const [a, b] = await Promise.all([run(t, env, '60'), run(t, env, '70')])
  await killed(a.child)
  await collector.restart()
  const [c, d] = await Promise.all([run(t, env, '10'), run(t, env, '20')]) // both look for what the dead one left
  await collector.waitFor(({ events }) => events.length === 160)
  t.strictSame([collector.duplicates, collector.replays], [[], []])
  await emptied(env.FAULTLINE_SPOOL_DIR)
  await Promise.all([b, c, d].map(({ child }) => killed(child)))
})

t.test('process.exit() writes what waits', async (t) => {
  const collector = await collectorOf(t)
  await collector.stop()
  const env = { FAULTLINE_DSN: collector.dsn, FAULTLINE_SPOOL_DIR: t.testdir() }
  const child = fork(program, ['30', 'exit'], { env: { ...process.env, ...env } })
  await once(child, 'exit')
  await collector.restart()
  const next = await run(t, env, '0')
  await collector.waitFor(({ events }) => events.length === 30)
  t.strictSame(collector.refused, [])
  await killed(next.child)
})

t.test('so it does with what is being packed, sent or written at that moment', async (t) => {
  const collector = await collectorOf(t)
  collector.answerWith(faults.silence())
  for (const ending of ['exit-in-0', 'exit-in-1', 'exit-in-5', 'exit-in-20']) {
    const env = { FAULTLINE_DSN: collector.dsn, FAULTLINE_SPOOL_DIR: t.testdir() }
    const child = fork(program, ['500', ending], { env: { ...process.env, ...env } })
    await once(child, 'exit')
    const events = filesIn(env.FAULTLINE_SPOOL_DIR).map((name) => Number(name.split('.')[1]))
    t.equal(
      events.reduce((sum, count) => sum + count, 0),
      500,
      ending,
    )
  }
})

t.test('what other listeners of exit report is written too', async (t) => {
  const collector = await collectorOf(t)
  await collector.stop()
  const env = { FAULTLINE_DSN: collector.dsn, FAULTLINE_SPOOL_DIR: t.testdir() }
  const child = fork(program, ['30', 'report-at-exit'], { env: { ...process.env, ...env } })
  await once(child, 'exit')
  const events = filesIn(env.FAULTLINE_SPOOL_DIR).map((name) => Number(name.split('.')[1]))
  t.equal(
    events.reduce((sum, count) => sum + count, 0),
    31,
  )
})

t.test('the oldest go first when the disk may hold no more', async (t) => {
  const collector = await collectorOf(t)
  collector.answerWith(faults.status(503))
  const retry = { minDelayMs: 1, maxDelayMs: 1 } // a run goes on from the outage into the recovery
  const reporter = reporterOf(t, collector, { spoolDir: t.testdir(), maxSpoolBytes: 20_000, retry })
  for (let i = 0; i < 20; i++) {
    tell(reporter, 50)
    t.ok(await reporter.flush(5000))
  }
  const { spooled, dropped } = reporter.stats()
  t.equal(spooled + (dropped.spool_full ?? 0), 1000)
  t.ok(spooled > 0 && spooled < 1000, `${spooled} are left`)
  collector.answerWith()
  await collector.waitFor(({ events }) => events.length === spooled)
  await collector.waitFor(({ dropped: told }) => told.spool_full === dropped.spool_full)
  checkBooks(t, collector, reporter)
})

t.test('what is on its way stays, though the disk may hold no more', async (t) => {
  const collector = await collectorOf(t)
  collector.answerWith(faults.status(503), { times: 1 })
  const spoolDir = t.testdir()
  const reporter = reporterOf(t, collector, { spoolDir, maxSpoolBytes: 5000, maxMemoryBytes: 200_000 })
  tell(reporter, 40)
  let answer = (_: unknown) => {}
  const isWanted = new Promise((resolve) => {
    answer = resolve
  })
  await collector.waitFor(({ attempts }) => attempts === 1)
  collector.answerWith(faults.slow(isWanted), { times: 1 })
  await collector.waitFor(({ events }) => events.length === 40)
  tell(reporter, 400) // while it is on its way, memory overflows to a disk that has no room
  await until(
    () => (reporter.stats().dropped.spool_full ?? 0) > 0,
    () => `a drop in ${JSON.stringify(reporter.stats())}`,
  )
  answer(undefined)
  t.ok(await reporter.flush(10_000))
  await emptied(spoolDir)
  t.equal(reporter.stats().spooled, 0, 'nothing was given up that has arrived')
  checkBooks(t, collector, reporter)
})

t.test('a spool directory that cannot be written: events wait in memory', async (t) => {
  const collector = await collectorOf(t)
  await collector.stop()
  const complaints: string[] = []
  let logger: Logger | undefined
  const bothHeard = new Promise<void>((resolve) => {
    logger = {
      warn: (_: object, message: string) => void (complaints.push(message) === 2 && resolve()),
    } as Logger
  })
  const spoolDir = join(t.testdir(), 'spool')
  const reporter = reporterOf(t, collector, { spoolDir, logger })
  writeFileSync(spoolDir, 'in the way') // root may write anywhere, but into a file it cannot make a folder either
  tell(reporter, 150)
  t.equal(await reporter.flush(50), false)
  await bothHeard
  t.match(reporter.stats(), { waiting: 150, spooled: 0 })
  t.match(complaints, [/does not take events/, /spool cannot be written, and events wait in memory/])
  await collector.restart()
  await collector.waitFor(({ events }) => events.length === 150)
  t.ok(await reporter.flush())
  checkBooks(t, collector, reporter)
})

t.test('a disk that is full: nothing half-written is left, and events wait in memory', async (t) => {
  const collector = await collectorOf(t)
  await collector.stop()
  const spoolDir = t.testdir()
  // no file may grow beyond one block, which a write then fails at as on a full disk
  const command = `ulimit -f 1; exec "${process.execPath}" "${program}" 400 close`
  const env = { ...process.env, FAULTLINE_DSN: collector.dsn, FAULTLINE_SPOOL_DIR: spoolDir }
  const child = spawn('sh', ['-c', command], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const message = once(child, 'message')
  await collector.restart()
  const [{ stats }] = (await message) as [{ stats: ReporterStats }]
  t.equal(collector.events.length + stats.spooled + stats.waiting, 400)
  child.kill()
  t.strictSame(
    filesIn(spoolDir).filter((name) => name.endsWith('.part')),
    [],
  )
})

t.test('foreign files and half-written ones in the spool are left out', async (t) => {
  const collector = await collectorOf(t)
  await collector.stop()
  const spoolDir = t.testdir()
  const env = { FAULTLINE_DSN: collector.dsn, FAULTLINE_SPOOL_DIR: spoolDir }
  const { child } = await run(t, env, '10')
  await killed(child)
  const folder = join(spoolDir, filesIn(spoolDir)[0] as string, '..')
  writeFileSync(join(folder, 'notes.txt'), 'not ours')
  writeFileSync(join(folder, '0190.1.0.faultline.gz.part'), 'half')
  await collector.restart()
  const next = await run(t, env, '1')
  await collector.waitFor(({ events }) => events.length === 11)
  await killed(next.child)
  rmSync(spoolDir, { recursive: true })
})

t.test('a spool of another project is not touched', async (t) => {
  const [collector, other] = [await collectorOf(t), await collectorOf(t)]
  collector.answerWith(faults.status(503))
  const spoolDir = t.testdir()
  const first = reporterOf(t, collector, { spoolDir })
  tell(first, 5)
  await first.close()
  t.match(first.stats(), { spooled: 5 })
  const second = reporterOf(t, other, { spoolDir })
  tell(second, 1)
  t.ok(await second.flush())
  t.equal(other.events.length, 1)
  collector.answerWith()
  const third = reporterOf(t, collector, { spoolDir })
  await collector.waitFor(
    ({ events }) => events.length === 5,
    'the same project sends them, in the same process too',
  )
  await third.flush()
  t.match(third.stats(), { reported: 0, recovered: 5 })
  checkBooks(t, other, second)
})
