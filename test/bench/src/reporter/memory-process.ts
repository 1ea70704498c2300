// Measures what is left in memory after many errors. Ends when its parent goes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as pass } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ErrorReport } from '@faultline/core'
import { newEventId } from '@faultline/core/adapter'
import { createReporter, type NodeReporter } from '@faultline/node'
import { createFailing, reportsOf } from './errors.ts'
import type { Destination, Memory, MemoryOrder, MemoryResult } from './measure-memory.ts'

const WARM_UP_ERRORS = 20_000
/** Errors of one turn of the loop. */
const AT_ONCE = 20
const FIFTY = 50
const FLUSH_MS = 60_000
/** For what was written last to be let go of. */
const REST_MS = 500

setFlagsFromString('--expose-gc')
const gc: (options: object) => void = runInNewContext('gc')

process.on('message', async ({ destination, errors }: MemoryOrder) => {
  const folder = destination === 'down with a spool' ? mkdtempSync(join(tmpdir(), 'bench-')) : undefined
  const enabled = destination !== 'nowhere'
  const reporter = createReporter({ dsn: dsnOf(destination), spoolDir: folder, enabled })
  try {
    process.send?.({ destination, errors, ...(await measure(reporter, errors, destination === 'up')) })
  } finally {
    await reporter.close(1)
    if (folder !== undefined) rmSync(folder, { recursive: true })
  }
})
process.on('disconnect', () => process.exit())

async function measure(reporter: NodeReporter, errors: number, isUp: boolean) {
  const end = async () => {
    if (isUp) await reporter.flush(FLUSH_MS)
    return memory()
  }
  const start = await memory()
  await reportMany(reporter, WARM_UP_ERRORS)
  const before = await end()
  await reportMany(reporter, errors)
  const after = await end()
  const { sent, counted, spooled, waiting, dropped } = reporter.stats()
  const allDropped = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  const result: Omit<MemoryResult, keyof MemoryOrder> = {
    start,
    before,
    after,
    sent,
    counted,
    spooled,
    waiting,
    dropped: allDropped,
  }
  return result
}

let made = 0

/** One in fifty is of a kind that never was before; the others are of fifty kinds, and copies of reports that core has made. */
async function reportMany(reporter: NodeReporter, errors: number): Promise<void> {
  const fail = createFailing(reporter)
  const known = await reportsOf(Array.from({ length: FIFTY }, (_, kind) => kind))
  for (let i = 0; i < errors; i++) {
    const at = made++ % FIFTY
    if (at === 0) fail(FIFTY + made)
    else reporter.report(copyOf(known[at] as ErrorReport))
    if (i % AT_ONCE === 0) await nextTurn()
  }
}

function copyOf(report: ErrorReport): ErrorReport {
  const message = `order ${made} could not be read`
  const copy = { ...report, id: newEventId(), occurredAt: new Date().toISOString(), message }
  return Object.defineProperty(copy, 'thrown', { value: new Error(message) }) as ErrorReport
}

async function memory(): Promise<Memory> {
  await pass(REST_MS)
  // Two, for finalisers; the last resort also gives empty pages back, which V8 else keeps for the next burst
  for (let time = 0; time < 2; time++) gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  const { rss, heapUsed } = process.memoryUsage()
  return { rssBytes: rss, heapBytes: heapUsed }
}

/** Nobody listens at port 1. */
function dsnOf(destination: Destination): string {
  const dsn = new URL(process.env.FAULTLINE_DSN ?? '')
  if (destination !== 'up') dsn.port = '1'
  return dsn.href
}
