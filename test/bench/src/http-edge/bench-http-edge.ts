import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { compileTests } from '../../../../scripts/compile-tests.mjs'
import { edgeReport } from './edge-report.ts'
import { type GoldenCase, loadGolden } from './golden.ts'
import { outcomes } from './outcome.ts'
import { labelOf, peers } from './peers.ts'
import { type PeerRun, runPeer } from './run-peer.ts'

const file = 'docs/bench/http-edge.md'
const peersAtATime = 2

const options = {
  /** Only peers with this in their name: tells what did not pass, and why; nothing is written. */
  only: { type: 'string' },
} as const

/** `npm run bench -- http-edge [--only TEXT]` */
export async function benchHttpEdge(args: readonly string[]): Promise<void> {
  const { only } = parseArgs({ args: [...args], options }).values
  if (compileTests({ clean: false }) !== 0) throw new Error('The golden list does not compile')
  const { cases } = await loadGolden()
  const chosen = peers.filter((peer) => labelOf(peer).includes(only ?? ''))
  const runs: PeerRun[] = []
  const waiting = [...chosen]
  const work = async () => {
    for (let peer = waiting.shift(); peer !== undefined; peer = waiting.shift()) {
      const startedAtMs = performance.now()
      const run = await runPeer(peer, cases)
      runs[chosen.indexOf(peer)] = run
      print(run, performance.now() - startedAtMs, only !== undefined)
    }
  }
  await Promise.all(Array.from({ length: peersAtATime }, work))
  if (runs.some(fallsShort)) process.exitCode = 1
  if (only !== undefined) return
  mkdirSync('docs/bench', { recursive: true })
  writeFileSync(file, edgeReport(runs, cases))
  console.log(`${file} is written`)
}

/** Faultline passes everything. */
function fallsShort({ peer, results, broken }: PeerRun): boolean {
  if (!peer.isFaultline) return false
  return broken !== undefined || results.some(({ outcome }) => outcome !== 'pass')
}

function print({ peer, results, broken }: PeerRun, tookMs: number, isDetailed: boolean): void {
  const counts = outcomes.map(
    (wanted) => `${results.filter(({ outcome }) => outcome === wanted).length} ${wanted}`,
  )
  console.log(`${labelOf(peer)}, in cases: ${broken ?? counts.join(', ')}; ${(tookMs / 1000).toFixed(0)} s`)
  if (!isDetailed && !peer.isFaultline) return
  for (const { golden, outcome, message } of results) {
    if (outcome !== 'pass') console.log(`  ${outcome}: ${nameOf(golden)}: ${message}`)
  }
}

function nameOf({ number, title }: GoldenCase): string {
  return `[${number}] ${title}`
}
