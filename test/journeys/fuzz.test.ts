// A small run of what `npm run bench -- collector-fuzz` does at length.
import t from 'tap'
import { checkBooks, missingEvents } from '../bench/src/collector-fuzz/after-the-fuzz.ts'
import { fuzzCollector } from '../bench/src/collector-fuzz/fuzz-collector.ts'
import { serveCollector } from '../bench/src/collector-fuzz/served-collector.ts'

t.setTimeout(180_000)

t.test('malformed requests of all kinds neither break the collector nor cost a valid event', async (t) => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1e9)
  t.comment(`seed ${seed}`)
  const collector = await serveCollector(t.testdir())
  t.teardown(() => collector.hasEnded() || collector.stop())
  const { offences, acknowledged, endings } = await fuzzCollector(collector, { requests: 8000, seed })
  await collector.untilDigested()

  const note = `seed ${seed}, ${JSON.stringify(endings)}`
  t.strictSame(offences, [], `every answer is meant: ${note}`)
  t.equal(acknowledged.length, 160, note)
  t.strictSame(await missingEvents(collector, acknowledged), [], note)
  t.strictSame(await checkBooks(collector), [], note)
  t.strictSame(collector.errors, [], 'nothing in the log')
  t.equal(await collector.stop(), 0)
})
