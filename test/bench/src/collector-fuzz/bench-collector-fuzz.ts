import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkBooks, missingEvents } from './after-the-fuzz.ts'
import { type FuzzResult, fuzzCollector } from './fuzz-collector.ts'
import { fuzzReport } from './fuzz-report.ts'
import { type ServedCollector, serveCollector } from './served-collector.ts'

const file = 'docs/bench/collector-fuzz.md'
/** What a collector has in memory depends on what it has stored: it is compared with itself at the first of these. */
const WARM_REQUESTS = 10_000
const PARTS = 4
/** Beyond it something is kept that nobody needs. */
const MAX_GROWTH = 1.5

const options = {
  requests: { type: 'string', default: '200000' },
  seed: { type: 'string', default: '1' },
} as const

/** What is seen after a part of the run. */
export interface Mark {
  requests: number
  stored: number
  restingMib: number
}

/** `npm run bench -- collector-fuzz [--requests N] [--seed S]` */
export async function benchCollectorFuzz(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options })
  const [requests, seed] = [Number(values.requests), Number(values.seed)]
  const data = mkdtempSync(join(tmpdir(), 'faultline-fuzz-'))
  const collector = await serveCollector(data)
  try {
    const rest = Math.max(0, Math.ceil((requests - WARM_REQUESTS) / PARTS))
    const parts = [Math.min(WARM_REQUESTS, requests), ...Array.from({ length: PARTS }, () => rest)]
    const results: FuzzResult[] = []
    const marks: Mark[] = []
    for (const [part, count] of parts.entries()) {
      results.push(await fuzzCollector(collector, { requests: count, seed: seed + part }))
      await collector.untilDigested()
      marks.push(await markOf(collector, count + (marks.at(-1)?.requests ?? 0)))
    }
    const faults = [
      ...results.flatMap(({ offences }) => offences),
      ...(await missingEvents(
        collector,
        results.flatMap(({ acknowledged }) => acknowledged),
      )),
      ...(await checkBooks(collector)),
      ...collector.errors,
      ...growthOf(marks),
    ]
    const exitCode = await collector.stop()
    if (exitCode !== 0) faults.push(`It has ended with ${exitCode}.`)
    writeFileSync(file, fuzzReport({ seed, results, marks, faults }))
    console.log(`${file} is written: ${faults.length} faults`)
    if (faults.length > 0) console.log(faults.join('\n'))
    process.exitCode = faults.length === 0 ? 0 : 1
  } finally {
    if (!collector.hasEnded()) await collector.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

async function markOf(collector: ServedCollector, requests: number): Promise<Mark> {
  const restingMib = await collector.restingMib()
  const { outcomes } = await collector.figures()
  return { requests, stored: outcomes, restingMib }
}

function growthOf(marks: readonly Mark[]): string[] {
  const [first = 0, last = 0] = [marks[0]?.restingMib, marks.at(-1)?.restingMib]
  if (last <= first * MAX_GROWTH) return []
  return [`Memory has grown from ${Math.round(first)} to ${Math.round(last)} MiB, more than ${MAX_GROWTH}×.`]
}
