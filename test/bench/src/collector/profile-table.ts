import type { CpuProfile } from '../measure/profile.ts'

type Node = CpuProfile['nodes'][number]

/** Where a thread's time goes: microseconds of each of the project's files, with what it calls of Node and of other packages. */
export function microsByFile({ nodes, samples, timeDeltas }: CpuProfile): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const fileOf = new Map<number, string>()
  const name = (node: Node, caller: string) => {
    const file = ownFile(node.callFrame) ?? caller
    fileOf.set(node.id, file)
    for (const child of node.children ?? []) name(byId.get(child) as Node, file)
  }
  name(nodes[0] as Node, 'Node and other packages')

  const micros = new Map<string, number>()
  for (const [at, id] of samples.entries()) {
    const file = fileOf.get(id) ?? ''
    if (file !== IDLE) micros.set(file, (micros.get(file) ?? 0) + (timeDeltas[at] ?? 0))
  }
  return micros
}

const IDLE = 'idle'

function ownFile({ functionName, url }: Node['callFrame']): string | undefined {
  if (functionName === '(idle)') return IDLE
  if (functionName === '(program)') return 'Node itself'
  if (functionName === '(garbage collector)') return 'collection of garbage'
  const [, owner, file] = /\/packages\/(\w+)\/dist\/(.+)\.js$/.exec(url) ?? []
  return owner === undefined ? undefined : owner === 'collector' ? file : `@faultline/${owner}`
}
