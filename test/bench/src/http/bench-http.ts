import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { groups } from './comparisons.ts'
import { httpReport } from './http-report.ts'
import { measureGroup, type Pace } from './measure-group.ts'
import { profileServer } from './profile.ts'
import { type Result, resultsOf, serversOf, verdictOn } from './results.ts'

const pace: Pace = { launches: 2, warmUpMs: 1500, turns: 8, turnMs: 350 }
const shortPace: Pace = { launches: 1, warmUpMs: 700, turns: 3, turnMs: 200 }
/** Small differences need more turns than ratios. */
const TURNS_FACTOR_OF_ADDED = 2

const options = {
  /** Under 90 seconds, and not for publication. */
  short: { type: 'boolean' },
  /** Only groups whose baseline has this in its name; nothing is written. */
  only: { type: 'string' },
  /** Instead: where this server spends its time. */
  profile: { type: 'string' },
} as const

/** `npm run bench -- http [--short] [--only TEXT] [--profile SERVER]` */
export async function benchHttp(args: readonly string[]): Promise<void> {
  const { short, only, profile } = parseArgs({ args: [...args], options }).values
  if (profile !== undefined) return printProfile(profile)
  const chosen = short ? shortPace : pace
  const results: Result[] = []
  for (const group of groups.filter(({ baseline }) => baseline.includes(only ?? ''))) {
    const isAdded = group.comparisons.some(({ measure }) => measure === 'added')
    const turns = chosen.turns * (isAdded ? TURNS_FACTOR_OF_ADDED : 1)
    const rounds = await measureGroup(serversOf(group), group.status, { ...chosen, turns })
    results.push(...resultsOf(group, rounds))
    for (const result of results.slice(-group.comparisons.length)) print(result)
  }
  if (short || only !== undefined) return
  mkdirSync('docs/bench', { recursive: true })
  writeFileSync('docs/bench/http.md', httpReport(results, chosen))
  console.log('docs/bench/http.md is written')
}

function print(result: Result): void {
  const { group, comparison, ours, sameServer } = result
  const numbers = `${ours.median.toFixed(2)}, A/A ${sameServer.low.toFixed(2)} to ${sameServer.high.toFixed(2)}`
  const cpu = `CPU ${result.baselineCpuMicros.toFixed(1)} → ${result.oursCpuMicros.toFixed(1)} µs`
  console.log(`${group.framework}, ${comparison.title}: ${numbers}; ${cpu}; ${verdictOn(result)}`)
}

async function printProfile(server: string): Promise<void> {
  const group = groups.find((one) => serversOf(one).includes(server))
  if (group === undefined) {
    const names = new Set(groups.flatMap(serversOf))
    throw new Error(`There is no server '${server}'; there are: ${[...names].join(', ')}`)
  }
  console.log(await profileServer(server, group.status))
}
