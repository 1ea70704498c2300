import { cores, startPinned } from '../measure/pinned-process.ts'

/** Where the errors go: to a collector that is there or not, or, for comparison, to a reporter that is switched off. */
export type Destination = 'up' | 'down' | 'down with a spool' | 'nowhere'

export interface MemoryOrder {
  destination: Destination
  errors: number
}

/** After garbage collection. */
export interface Memory {
  rssBytes: number
  heapBytes: number
}

export interface MemoryResult extends MemoryOrder {
  /** The reporter is there, and nothing has been reported. */
  start: Memory
  /** After the first errors: code is compiled, buffers are there. */
  before: Memory
  after: Memory
  /** What became of them. */
  sent: number
  counted: number
  spooled: number
  waiting: number
  dropped: number
}

const ERRORS = 1_000_000
const SHORT_ERRORS = 50_000

/** Each destination in a process of its own, two at a time. */
export async function measureMemory(isShort: boolean): Promise<MemoryResult[]> {
  const errors = isShort ? SHORT_ERRORS : ERRORS
  const measure = async (destination: Destination, core: number) => {
    const child = startPinned(new URL('./memory-process.ts', import.meta.url), core)
    const result = await child.ask<MemoryResult>({ destination, errors } satisfies MemoryOrder)
    await child.stop()
    console.log(`memory, ${destination}: ${JSON.stringify(result)}`)
    return result
  }
  const inTurn = async (core: number, ...several: Destination[]) => {
    const results: MemoryResult[] = []
    for (const destination of several) results.push(await measure(destination, core))
    return results
  }
  const [ours, others] = await Promise.all([
    inTurn(cores.server, 'up', 'down'),
    inTurn(cores.load, 'down with a spool', 'nowhere'),
  ])
  return [...ours, ...others]
}
