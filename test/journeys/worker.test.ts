// The example job, as a process of its own: what went wrong in it has arrived after it is gone.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ErrorEvent } from '@faultline/protocol'
import t from 'tap'
import { type Collector, startCollector } from '../fakes/collector.js'

const worker = join(findRoot(import.meta.dirname), 'examples/worker-script')

t.test('the job survives one error and crashes over another: both have arrived', async (t) => {
  const collector = await startCollector()
  t.teardown(() => collector.stop())
  const { exitCode, stdout, stderr } = await runWorker(collector, t.testdir())

  t.equal(exitCode, 1)
  t.match(
    stderr,
    /^TypeError: Cannot read properties of undefined \(reading 'parcels'\)$/m,
    'as Node prints it',
  )
  t.match(stderr, /^ {4}at summaryOf \(.*restock\.js:\d+:\d+\)$/m)
  t.match(collector.events, [
    {
      mechanism: 'guard',
      handled: true,
      level: 'error',
      exceptions: [{ type: 'Error', message: /^502 from/, code: 'ERR_BAD_RESPONSE' }],
      tags: { job: 'restock', order: 'A-2' },
    },
    {
      mechanism: 'process',
      handled: false,
      level: 'fatal',
      exceptions: [{ type: 'TypeError', message: "Cannot read properties of undefined (reading 'parcels')" }],
      tags: { job: 'restock' },
      breadcrumbs: [
        { category: 'retry', message: /^Attempt 1 of 3 failed: Error: connect ECONNREFUSED/ },
        { category: 'supplier', message: '4 × chair, 2026-12-01' },
        { category: 'retry' },
        { category: 'supplier', message: '1 × sofa, some day' },
      ],
    },
  ])
  t.equal(collector.events.length, 2, 'what a retry has mended is not told')
  for (const event of collector.events) {
    t.match(event, { service: 'worker-script', environment: 'night', release: '1.4.2', commit: 'c0ffee' })
  }
  t.match(newestOwnFrame(collector.events[1]), {
    function: 'summaryOf',
    file: 'dist/restock.js',
    context: { line: /lamps\.parcels/ },
  })
  const told = JSON.stringify([collector.batches, stdout, stderr])
  t.notMatch(told, /hunter[234]/, 'nothing secret, on the wire or printed')
  t.strictSame([collector.refused, collector.duplicates, collector.dropped], [[], [], {}])
})

t.test('while the collector is away the errors wait on disk, and go with the next run', async (t) => {
  const collector = await startCollector()
  t.teardown(() => collector.stop())
  const spoolDir = t.testdir()
  await collector.stop()
  t.equal((await runWorker(collector, spoolDir)).exitCode, 1)
  await collector.restart()
  t.equal((await runWorker(collector, spoolDir)).exitCode, 1)

  const mechanisms = collector.events.map(({ mechanism }) => mechanism)
  t.strictSame(mechanisms.sort(), ['guard', 'guard', 'process', 'process'])
  t.strictSame([collector.refused, collector.duplicates, collector.dropped], [[], [], {}])
})

/** Only with what it is given here of the environment. */
function runWorker(collector: Collector, spoolDir: string) {
  const env = {
    PATH: process.env.PATH,
    FAULTLINE_DSN: collector.dsn,
    FAULTLINE_SPOOL_DIR: spoolDir,
    FAULTLINE_ENVIRONMENT: 'night',
    FAULTLINE_RELEASE: '1.4.2',
    FAULTLINE_COMMIT: 'c0ffee',
  }
  return new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['dist/main.js'],
      { cwd: worker, env, timeout: 30_000 },
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode, stdout, stderr }),
    )
  })
}

function newestOwnFrame(event: ErrorEvent | undefined) {
  return event?.exceptions[0]?.frames.find(({ inApp }) => inApp)
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'pnpm-workspace.yaml')) ? folder : findRoot(dirname(folder))
}
