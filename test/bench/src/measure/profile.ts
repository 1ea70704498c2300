import type { Group } from './group.ts'
import { startLoad, startServer, turn } from './measure-group.ts'

const WARM_UP_MS = 2000
const PROFILED_MS = 4000
const SHOWN = 60

/** As `Profiler.stop` gives it. */
export interface CpuProfile {
  nodes: {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number }
    children?: number[]
  }[]
  samples: number[]
  timeDeltas: number[]
}

interface Cost {
  ownMicros: number
  /** With everything that it calls. */
  totalMicros: number
}

/** Where one server of the list spends its time: functions by their own time, in microseconds a request. */
export async function profileServer(group: Group, name: string): Promise<string> {
  const load = startLoad()
  const server = startServer(group.servers, name)
  try {
    await turn(server, load, { ...group, ms: WARM_UP_MS })
    const { cpuMicrosPerRequest } = await turn(server, load, { ...group, ms: WARM_UP_MS })
    await server.ask({ profile: 'start' })
    await turn(server, load, { ...group, ms: PROFILED_MS })
    return hottest(await server.ask<CpuProfile>({ profile: 'stop' }), cpuMicrosPerRequest)
  } finally {
    await Promise.all([server.stop(), load.stop()])
  }
}

function hottest(profile: CpuProfile, cpuMicros: number): string {
  const costs = costsOf(profile)
  const busyMicros = [...costs.values()].reduce((sum, { ownMicros }) => sum + ownMicros, 0)
  const aRequest = (micros: number) => ((micros / busyMicros) * cpuMicros).toFixed(2).padStart(7)
  const lines = [...costs]
    .sort(([, a], [, b]) => b.ownMicros - a.ownMicros)
    .slice(0, SHOWN)
    .map(([name, cost]) => `${aRequest(cost.ownMicros)}  ${aRequest(cost.totalMicros)}  ${name}`)
  return [`${cpuMicros.toFixed(1)} µs of CPU a request`, '    own    total', ...lines].join('\n')
}

function costsOf({ nodes, samples, timeDeltas }: CpuProfile): Map<string, Cost> {
  const microsById = new Map<number, number>()
  for (const [at, id] of samples.entries()) {
    microsById.set(id, (microsById.get(id) ?? 0) + (timeDeltas[at] ?? 0))
  }
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const costs = new Map<string, Cost>()
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const { callFrame, children = [] } = byId.get(id) as CpuProfile['nodes'][number]
    const name = nameOf(callFrame)
    const own = IDLE.test(name) ? 0 : (microsById.get(id) ?? 0)
    const within = new Set(above).add(name)
    const total = children.reduce((sum, child) => sum + visit(child, within), own)
    const cost = costs.get(name) ?? { ownMicros: 0, totalMicros: 0 }
    cost.ownMicros += own
    if (!above.has(name)) cost.totalMicros += total
    costs.set(name, cost)
    return total
  }
  visit((nodes[0] as CpuProfile['nodes'][number]).id, new Set())
  return costs
}

const IDLE = /^\((?:idle|program)\)/

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  return `${functionName || '(anonymous)'} ${shortened(url)}:${lineNumber + 1}`
}

function shortened(url: string): string {
  return url.replace(/^.*\/node_modules\//, '').replace(/^file:\/\/.*?\/(?=packages\/|test\/)/, '')
}
