import { type Group, serversOf } from './group.ts'
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
  /** That arrived where the server reports to, for each request; `undefined` when nobody counts them. */
  eventsPerRequest: number | undefined
}

/** How many events have arrived where the servers report to. */
export type CountEvents = () => Promise<number>

/** One turn of every server of the group, in the order of `serversOf`. */
export type Round = readonly Sample[]

const SETTLE_MS = 60

/**
 * Measures a group of servers in turns: each process is alone under load, and the order changes with every round, so that whatever
 * else happens on the machine meets all of them alike.
 */
export async function measureGroup(group: Group, pace: Pace, countEvents?: CountEvents): Promise<Round[]> {
  const rounds: Round[] = []
  for (let launch = 0; launch < pace.launches; launch++) {
    rounds.push(...(await measureLaunch(group, pace, countEvents)))
  }
  return rounds
}

async function measureLaunch(group: Group, pace: Pace, countEvents?: CountEvents): Promise<Round[]> {
  const load = startLoad()
  const running = serversOf(group).map((name) => startServer(group.servers, name))
  const takeTurn = (at: number, ms: number) =>
    turn(running[at] as PinnedProcess, load, { ...group, ms, countEvents })
  try {
    for (const at of running.keys()) await takeTurn(at, pace.warmUpMs)
    const rounds: Round[] = []
    for (let first = 0; first < pace.turns; first++) {
      const samples: Sample[] = []
      for (let i = 0; i < running.length; i++) {
        const at = (first + i) % running.length
        samples[at] = await takeTurn(at, pace.turnMs)
      }
      rounds.push(samples)
    }
    return rounds
  } finally {
    await Promise.all([...running, load].map((child) => child.stop()))
  }
}

/** A server of a `ServerList`, on the servers' core. */
export function startServer(servers: URL, name: string): PinnedProcess {
  return startPinned(new URL('./server-process.ts', import.meta.url), cores.server, servers.href, name)
}

export function startLoad(): PinnedProcess {
  return startPinned(new URL('./load-process.ts', import.meta.url), cores.load)
}

interface Turn extends Pick<Group, 'status' | 'isSettled'> {
  ms: number
  countEvents?: CountEvents | undefined
}

/** One server under load for a while; what happens at the start and at the end of the load is not counted, unless it is to be settled. */
export async function turn(
  server: PinnedProcess,
  load: PinnedProcess,
  { status, ms, isSettled = false, countEvents }: Turn,
): Promise<Sample> {
  const begun = await server.ask<Mark>({ mark: true })
  const eventsBefore = await countEvents?.()
  await load.ask({ start: `http://127.0.0.1:${begun.port}/` })
  await sleep(SETTLE_MS)
  const before = await server.ask<Mark>({ mark: true })
  await sleep(ms)
  const after = await server.ask<Mark>({ mark: true })
  const answers = await load.ask<Answers>({ stop: true })
  if (answers.failures > 0 || answers.statuses.some((got) => got !== status)) {
    throw new Error(`expected only ${status}, got ${answers.statuses}, and ${answers.failures} failures`)
  }
  const ended = isSettled ? await server.ask<Mark>({ settle: true }) : after
  const events = eventsBefore === undefined ? undefined : ((await countEvents?.()) ?? 0) - eventsBefore
  const paid = isSettled ? between(begun, ended) : between(before, after)
  const { requests, clockMs, cpuMicros } = between(before, after)
  return {
    requestsPerSecond: (requests / clockMs) * 1000,
    cpuMicrosPerRequest: paid.cpuMicros / paid.requests,
    busy: cpuMicros / 1000 / clockMs,
    eventsPerRequest: events && events / (ended.requests - begun.requests),
  }
}

function between(before: Mark, after: Mark): { requests: number; clockMs: number; cpuMicros: number } {
  return {
    requests: after.requests - before.requests,
    clockMs: after.atMs - before.atMs,
    cpuMicros: after.cpuMicros - before.cpuMicros,
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
