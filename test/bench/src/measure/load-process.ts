// The load generator, on a core of its own.
import autocannon, { type Load } from 'autocannon'

export type LoadOrder = { start: string } | { stop: true }

/** What came back since the start. */
export interface Answers {
  failures: number
  statuses: number[]
}

const HOUR_SECONDS = 3600
let load: Load | undefined

process.on('message', async (order: LoadOrder) => {
  if ('start' in order) {
    load = autocannon({
      url: order.start,
      connections: 64,
      pipelining: 1,
      duration: HOUR_SECONDS,
      sampleInt: 20,
    })
    process.send?.({})
    return
  }
  load?.stop()
  const result = await load
  const answers: Answers = {
    failures: (result?.errors ?? 0) + (result?.timeouts ?? 0),
    statuses: Object.keys(result?.statusCodeStats ?? {}).map(Number),
  }
  process.send?.(answers)
})
process.on('disconnect', () => process.exit())
