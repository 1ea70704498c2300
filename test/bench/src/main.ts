import { benchCollector } from './collector/bench-collector.ts'
import { benchRetention } from './collector/bench-retention.ts'
import { benchCollectorFuzz } from './collector-fuzz/bench-collector-fuzz.ts'
import { benchHttp } from './http/bench-http.ts'
import { benchHttpEdge } from './http-edge/bench-http-edge.ts'
import { benchReporter } from './reporter/bench-reporter.ts'
import { benchUpgrade } from './upgrade/bench-upgrade.ts'

const benches: Record<string, (args: readonly string[]) => Promise<void>> = {
  collector: benchCollector,
  'collector-fuzz': benchCollectorFuzz,
  http: benchHttp,
  'http-edge': benchHttpEdge,
  reporter: benchReporter,
  upgrade: benchUpgrade,
  retention: benchRetention,
}

const [name = '', ...args] = process.argv.slice(2)
const bench = benches[name]
if (bench === undefined) {
  console.error(`npm run bench -- ${Object.keys(benches).join(' | ')}`)
  process.exitCode = 2
} else {
  await bench(args)
}
