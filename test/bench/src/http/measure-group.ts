import type { Answers } from './load-process.ts'
import { cores, type PinnedProcess, startPinned } from './pinned-process.ts'
import type { Mark } from './server-process.ts'

/** How long and how often. */
export interface Pace {
  /** Times that every server of a group is started anew: two starts of one program are optimised differently. */
  launches: number
  warmUpMs: number
  /** Times that every server has its turn within a launch. */
  turns: number
  turnMs: number
}

/** What one server did in one turn. */
export interface Sample {
  requestsPerSecond: number
  cpuMicrosPerRequest: number
  /** The share of its core that the server used: well below 1, and something else was the limit. */
  busy: number
}

/** One turn of every server of the group, in the order of `names`. */
export type Round = readonly Sample[]

const SETTLE_MS = 60

/**
 * Measures a group of servers in turns: each process is alone under load, and the order changes with every round, so that whatever
 * else happens on the machine meets all of them alike.
 */
export async function measureGroup(names: readonly string[], status: number, pace: Pace): Promise<Round[]> {
  const rounds: Round[] = []
  for (let launch = 0; launch < pace.launches; launch++) {
    rounds.push(...(await measureLaunch(names, status, pace)))
  }
  return rounds
}

async function measureLaunch(names: readonly string[], status: number, pace: Pace): Promise<Round[]> {
  const load = startLoad()
  const running = names.map((name) => startServer(name))
  try {
    for (const server of running) await turn(server, load, { status, ms: pace.warmUpMs })
    const rounds: Round[] = []
    for (let at = 0; at < pace.turns; at++)
      rounds.push(await round(running, load, { status, at, ms: pace.turnMs }))
    return rounds
  } finally {
    await Promise.all([...running, load].map((child) => child.stop()))
  }
}

/** A server of the list, on the servers' core. */
export function startServer(name: string): PinnedProcess {
  return startPinned(new URL('./server-process.ts', import.meta.url), cores.server, name)
}

export function startLoad(): PinnedProcess {
  return startPinned(new URL('./load-process.ts', import.meta.url), cores.load)
}

async function round(
  running: readonly PinnedProcess[],
  load: PinnedProcess,
  { status, at, ms }: { status: number; at: number; ms: number },
): Promise<Round> {
  const samples: Sample[] = []
  for (let i = 0; i < running.length; i++) {
    const index = (i + at) % running.length
    samples[index] = await turn(running[index] as PinnedProcess, load, { status, ms })
  }
  return samples
}

/** One server under load for a while; what happens at the start and at the end of the load is not counted. */
export async function turn(
  server: PinnedProcess,
  load: PinnedProcess,
  { status, ms }: { status: number; ms: number },
): Promise<Sample> {
  const { port } = await server.ask<Mark>({ mark: true })
  await load.ask({ start: `http://127.0.0.1:${port}/` })
  await sleep(SETTLE_MS)
  const before = await server.ask<Mark>({ mark: true })
  await sleep(ms)
  const after = await server.ask<Mark>({ mark: true })
  const answers = await load.ask<Answers>({ stop: true })
  if (answers.failures > 0 || answers.statuses.some((got) => got !== status)) {
    throw new Error(`expected only ${status}, got ${answers.statuses}, and ${answers.failures} failures`)
  }
  return sampleBetween(before, after)
}

function sampleBetween(before: Mark, after: Mark): Sample {
  const ms = after.atMs - before.atMs
  const requests = after.requests - before.requests
  const cpuMicros = after.cpuMicros - before.cpuMicros
  return {
    requestsPerSecond: (requests / ms) * 1000,
    cpuMicrosPerRequest: cpuMicros / requests,
    busy: cpuMicros / 1000 / ms,
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
