import { cores, startPinned } from '../measure/pinned-process.ts'

/** How the errors of a service repeat. */
export const mixes = ['new', 'storm', 'fifty'] as const
export type Mix = (typeof mixes)[number]

export interface CallOrder {
  mix: Mix
  calls: number
}

/** What calls of `report()` cost, in microseconds. */
export interface CallResult {
  mix: Mix
  calls: number
  p50Micros: number
  p99Micros: number
  /** Of CPU time, of calls that follow each other at once. */
  meanCpuMicros: number
  /** The part of the errors that was sent, the others were counted. */
  sentShare: number
  /** All threads, for each event that is sent: building, packing, zipping and sending it. */
  backgroundCpuMicros: number
  /** Of that, on the main thread, which is the service's. */
  backgroundMainMicros: number
}

const CALLS = 20_000
const SHORT_CALLS = 4000

/** Each mix in a process of its own. */
export async function measureCalls(isShort: boolean): Promise<CallResult[]> {
  const results: CallResult[] = []
  for (const mix of mixes) {
    const child = startPinned(new URL('./call-process.ts', import.meta.url), cores.server)
    const order: CallOrder = { mix, calls: isShort ? SHORT_CALLS : CALLS }
    const result = await child.ask<CallResult>(order)
    await child.stop()
    console.log(`report(), ${mix}: ${JSON.stringify(result)}`)
    results.push(result)
  }
  return results
}
