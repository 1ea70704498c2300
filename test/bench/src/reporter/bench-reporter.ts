import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Group } from '../measure/group.ts'
import { serversOf } from '../measure/group.ts'
import { type CountEvents, measureGroup, type Pace } from '../measure/measure-group.ts'
import { cores, type PinnedProcess, startPinned } from '../measure/pinned-process.ts'
import { profileServer } from '../measure/profile.ts'
import { print, type Result, resultsOf } from '../measure/results.ts'
import type { CollectorMark } from './collector-process.ts'
import { failingGroups, successGroups } from './comparisons.ts'
import { type CallResult, measureCalls } from './measure-calls.ts'
import { type MemoryResult, measureMemory } from './measure-memory.ts'
import { reporterReport } from './reporter-report.ts'

const file = 'docs/bench/reporter.md'
/** A microsecond is less than one turn differs from the next: many short ones. */
const successPace: Pace = { launches: 3, warmUpMs: 1000, turns: 20, turnMs: 200 }
const failingPace: Pace = { launches: 2, warmUpMs: 1500, turns: 5, turnMs: 600 }
const shortPace: Pace = { launches: 1, warmUpMs: 400, turns: 2, turnMs: 200 }

const options = {
  /** Under a minute, and not for publication. */
  short: { type: 'boolean' },
  /** Only this table: calls, success, failing or memory; nothing is written. */
  only: { type: 'string' },
  /** Instead: where this server spends its time. */
  profile: { type: 'string' },
} as const

/** What the page is made of. */
export interface ReporterResults {
  calls: readonly CallResult[]
  success: readonly Result[]
  failing: readonly Result[]
  memory: readonly MemoryResult[]
}

/** `npm run bench -- reporter [--short] [--only TABLE] [--profile SERVER]` */
export async function benchReporter(args: readonly string[]): Promise<void> {
  const { short = false, only, profile } = parseArgs({ args: [...args], options }).values
  const collector = await startCollector()
  try {
    if (profile !== undefined) return await printProfile(profile)
    const isWanted = (table: string) => only === undefined || only === table
    const countEvents = async () => (await collector.ask<CollectorMark>({})).events
    const results: ReporterResults = {
      calls: isWanted('calls') ? await measureCalls(short) : [],
      success: isWanted('success') ? await measureGroups(successGroups, short ? shortPace : successPace) : [],
      failing: isWanted('failing')
        ? await measureGroups(failingGroups, short ? shortPace : failingPace, countEvents)
        : [],
      memory: isWanted('memory') ? await measureMemory(short) : [],
    }
    if (short || only !== undefined) return
    mkdirSync('docs/bench', { recursive: true })
    writeFileSync(file, reporterReport(results, { success: successPace, failing: failingPace }))
    console.log(`${file} is written`)
  } finally {
    await collector.stop()
  }
}

/** The services find it in their environment, as they would anywhere. */
async function startCollector(): Promise<PinnedProcess> {
  const collector = startPinned(new URL('./collector-process.ts', import.meta.url), cores.load)
  const { dsn } = await collector.ask<CollectorMark>({})
  process.env.FAULTLINE_DSN = dsn
  process.env.NO_PROXY = '127.0.0.1'
  return collector
}

async function measureGroups(
  groups: readonly Group[],
  pace: Pace,
  countEvents?: CountEvents,
): Promise<Result[]> {
  const results: Result[] = []
  for (const group of groups) {
    const found = resultsOf(group, await measureGroup(group, pace, countEvents))
    for (const result of found) print(result)
    results.push(...found)
  }
  return results
}

async function printProfile(server: string): Promise<void> {
  const groups = [...successGroups, ...failingGroups]
  const group = groups.find((one) => serversOf(one).includes(server))
  if (group === undefined) {
    const names = new Set(groups.flatMap(serversOf))
    throw new Error(`There is no server '${server}'; there are: ${[...names].join(', ')}`)
  }
  console.log(await profileServer(group, server))
}
