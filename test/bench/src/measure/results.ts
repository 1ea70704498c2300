import type { Comparison, Group } from './group.ts'
import type { Round, Sample } from './measure-group.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** One row of the table. */
export interface Result {
  group: Group
  comparison: Comparison
  ours: Spread
  /** The same comparison of the baseline with itself: what the machine adds or takes by chance. */
  sameServer: Spread
  /** CPU microseconds a request, both medians. */
  baselineCpuMicros: number
  oursCpuMicros: number
  baselineRate: number
  oursRate: number
  /** Our requests a second by the clock over theirs. */
  clockRatio: Spread
  /** Events a request that arrived where they were reported to, where somebody counts. */
  baselineEvents: number
  oursEvents: number
}

export function resultsOf(group: Group, rounds: readonly Round[]): Result[] {
  return group.comparisons.map((comparison, index) => {
    const [firsts, ours, seconds] = [0, index + 1, group.comparisons.length + 1].map((at) =>
      rounds.map((round) => round[at] as Sample),
    ) as [Sample[], Sample[], Sample[]]
    const baselines = [...firsts, ...seconds]
    const compare = comparison.measure === 'added' ? addedMicros : rateRatio
    return {
      group,
      comparison,
      ours: spreadOf(
        ours.map((sample, at) => compare(sample, [firsts[at] as Sample, seconds[at] as Sample])),
      ),
      sameServer: spreadOf(seconds.map((sample, at) => compare(sample, [firsts[at] as Sample]))),
      baselineCpuMicros: spreadOf(baselines.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest)).median,
      oursCpuMicros: spreadOf(ours.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest)).median,
      baselineRate: spreadOf(baselines.map(({ requestsPerSecond }) => requestsPerSecond)).median,
      oursRate: spreadOf(ours.map(({ requestsPerSecond }) => requestsPerSecond)).median,
      clockRatio: spreadOf(
        ours.map((sample, at) => clockRatio(sample, [firsts[at] as Sample, seconds[at] as Sample])),
      ),
      baselineEvents: spreadOf(baselines.map(({ eventsPerRequest }) => eventsPerRequest ?? 0)).median,
      oursEvents: spreadOf(ours.map(({ eventsPerRequest }) => eventsPerRequest ?? 0)).median,
    }
  })
}

/** What the numbers say of the target; a miss by less than the baseline differs from itself is called that. */
export function verdictOn({ comparison: { measure, target }, ours, sameServer }: Result): string {
  if (target === undefined) return ''
  const shortfall = measure === 'added' ? ours.median - target : target - ours.median
  if (shortfall <= 0) return 'met'
  const chance = sameServer.high - sameServer.low
  return shortfall <= chance ? 'missed, by less than the A/A spread' : '**missed**'
}

/** While the command runs. */
export function print(result: Result): void {
  const { group, comparison, ours, sameServer } = result
  const numbers = `${ours.median.toFixed(2)}, A/A ${sameServer.low.toFixed(2)} to ${sameServer.high.toFixed(2)}`
  const cpu = `CPU ${result.baselineCpuMicros.toFixed(1)} → ${result.oursCpuMicros.toFixed(1)} µs`
  console.log(`${group.framework}, ${comparison.title}: ${numbers}; ${cpu}; ${verdictOn(result)}`)
}

function addedMicros(sample: Sample, baselines: readonly Sample[]): number {
  return sample.cpuMicrosPerRequest - mean(baselines.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest))
}

/** Of the requests that a second of CPU time answers: on an idle machine the same as of requests/s, on a busy one steadier. */
function rateRatio(sample: Sample, baselines: readonly Sample[]): number {
  return mean(baselines.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest)) / sample.cpuMicrosPerRequest
}

function clockRatio(sample: Sample, baselines: readonly Sample[]): number {
  return sample.requestsPerSecond / mean(baselines.map(({ requestsPerSecond }) => requestsPerSecond))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
