import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { serversOf } from '../measure/group.ts'
import { measureGroup, type Pace } from '../measure/measure-group.ts'
import { profileServer } from '../measure/profile.ts'
import { print, type Result, resultsOf } from '../measure/results.ts'
import { groups } from './comparisons.ts'
import { httpReport } from './http-report.ts'

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
    const rounds = await measureGroup(group, { ...chosen, turns })
    results.push(...resultsOf(group, rounds))
    for (const result of results.slice(-group.comparisons.length)) print(result)
  }
  if (short || only !== undefined) return
  mkdirSync('docs/bench', { recursive: true })
  writeFileSync('docs/bench/http.md', httpReport(results, chosen))
  console.log('docs/bench/http.md is written')
}

async function printProfile(server: string): Promise<void> {
  const group = groups.find((one) => serversOf(one).includes(server))
  if (group === undefined) {
    const names = new Set(groups.flatMap(serversOf))
    throw new Error(`There is no server '${server}'; there are: ${[...names].join(', ')}`)
  }
  console.log(await profileServer(group, server))
}
