// Reports so many errors, says what its books say, and waits to be killed.
import { createReporter } from '@faultline/node'
import { distinctReports } from '../distinct-reports.js'

const [count = '0', ending = 'wait'] = process.argv.slice(2)
const reporter = createReporter({
  flushIntervalMs: 5,
  timeoutMs: 500,
  retry: { minDelayMs: 5, maxDelayMs: 20 },
})
if (ending === 'report-at-exit') process.on('exit', () => reporter.report(distinctReports(1)[0] as never))
const reports = distinctReports(Number(count))
for (const report of reports) reporter.report(report)

if (ending === 'exit' || ending === 'report-at-exit') process.exit(0)
if (ending === 'close-and-exit') {
  void reporter.close(100)
  setTimeout(() => process.exit(0), 100)
}
if (ending.startsWith('exit-in-')) setTimeout(() => process.exit(0), Number(ending.slice(8)))
await reporter.flush(30_000)
process.send?.({ stats: reporter.stats(), ids: reports.map(({ id }) => id) })
if (ending === 'close') {
  await reporter.close()
  process.disconnect?.()
} else setInterval(() => undefined, 60_000)
