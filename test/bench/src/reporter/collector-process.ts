// The collector that the services of the benchmark report to, and that only counts.
import { startCollector } from '../../../fakes/collector.ts'

export interface CollectorMark {
  dsn: string
  /** Events that have arrived, whatever the protocol. */
  events: number
}

const collector = await startCollector({ record: false })
process.on('message', () => {
  const mark: CollectorMark = { dsn: collector.dsn, events: collector.counted.events }
  process.send?.(mark)
})
process.on('disconnect', () => process.exit())
