// Measures what calls of `report()` cost, and what is done behind them. Ends when its parent goes.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ErrorReport } from '@faultline/core'
import { createReporter, type NodeReporter } from '@faultline/node'
import { reportsOf } from './errors.ts'
import type { CallOrder, CallResult, Mix } from './measure-calls.ts'

const BLOCK = 500
/** Calls before the first that counts: code is compiled by then. */
const WARM_UP_CALLS = 4000
const FLUSH_MS = 30_000
const FIFTY = 50

let made = 0
const nextKind: Record<Mix, () => number> = {
  new: () => made++,
  storm: () => 0,
  fifty: () => made++ % FIFTY,
}

process.on('message', async ({ mix, calls }: CallOrder) => {
  process.send?.({
    mix,
    calls,
    ...(await measureCalls(mix, calls)),
    ...(await measureBackground(mix, calls)),
  })
})
process.on('disconnect', () => process.exit())

async function measureCalls(mix: Mix, calls: number) {
  const reporter = createReporter()
  const micros: number[] = []
  for (let call = 0; call < WARM_UP_CALLS + calls; call += BLOCK) {
    for (const report of await blockOf(mix)) {
      await nextTurn() // each comes in a turn of its own, as from a service, and the work behind the calls goes on between them
      const startedAtMs = performance.now()
      reporter.report(report)
      if (call >= WARM_UP_CALLS) micros.push((performance.now() - startedAtMs) * 1000)
    }
    await flush(reporter) // or memory would be full: no service fails this often
  }
  let cpuMicros = 0
  for (let call = 0; call < calls; call += BLOCK) {
    const reports = await blockOf(mix)
    await flush(reporter)
    cpuMicros += cpuOf(() => reportAll(reporter, reports))
  }
  micros.sort((a, b) => a - b)
  const result: Partial<CallResult> = {
    p50Micros: micros[Math.floor(micros.length * 0.5)] ?? Number.NaN,
    p99Micros: micros[Math.floor(micros.length * 0.99)] ?? Number.NaN,
    meanCpuMicros: cpuMicros / calls,
  }
  await end(reporter)
  const { sent, reported } = reporter.stats()
  return { ...result, sentShare: sent / reported }
}

/** All of them are sent, so that there is something to do. */
async function measureBackground(mix: Mix, calls: number) {
  const reporter = createReporter({ maxEqualPerMinute: Number.POSITIVE_INFINITY })
  let [cpuMicros, mainMicros, events] = [0, 0, 0]
  for (let call = 0; call < WARM_UP_CALLS + calls; call += BLOCK) {
    reportAll(reporter, await blockOf(mix))
    const [before, mainBefore] = [process.cpuUsage(), process.threadCpuUsage()]
    await flush(reporter)
    if (call < WARM_UP_CALLS) continue
    cpuMicros += sumOf(process.cpuUsage(before))
    mainMicros += sumOf(process.threadCpuUsage(mainBefore))
    events += BLOCK
  }
  await end(reporter)
  return { backgroundCpuMicros: cpuMicros / events, backgroundMainMicros: mainMicros / events }
}

function blockOf(mix: Mix): Promise<ErrorReport[]> {
  return reportsOf(Array.from({ length: BLOCK }, nextKind[mix]))
}

function reportAll(reporter: NodeReporter, reports: readonly ErrorReport[]): void {
  for (const report of reports) reporter.report(report)
}

async function flush(reporter: NodeReporter): Promise<void> {
  if (!(await reporter.flush(FLUSH_MS))) throw new Error('what waited could not be sent')
}

/** What was dropped would have cost too little. */
async function end(reporter: NodeReporter): Promise<void> {
  await flush(reporter)
  await reporter.close()
  const { dropped } = reporter.stats()
  if (Object.keys(dropped).length > 0) throw new Error(`dropped: ${JSON.stringify(dropped)}`)
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  return sumOf(process.cpuUsage(before))
}

function sumOf({ user, system }: NodeJS.CpuUsage): number {
  return user + system
}
