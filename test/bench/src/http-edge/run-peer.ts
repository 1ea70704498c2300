import { type CaseProcess, startCaseProcess } from './case-process.ts'
import type { GoldenCase } from './golden.ts'
import type { Verdict } from './outcome.ts'
import { concerns, type Peer } from './peers.ts'

export interface CaseResult extends Verdict {
  golden: GoldenCase
}

/** All that is known of one peer after its run. */
export interface PeerRun {
  peer: Peer
  results: readonly CaseResult[]
  /** Why it could not even be loaded. */
  broken?: string
}

/** The cases keep the first two times themselves; the third is for a process whose event loop stands still. */
const caseMs = 15_000
const closeMs = 5_000
const graceMs = 3_000

/** Runs every case that concerns the peer, in processes that are replaced when a case has ended or stopped one. */
export async function runPeer(peer: Peer, cases: readonly GoldenCase[]): Promise<PeerRun> {
  const results: CaseResult[] = []
  let current: CaseProcess | undefined
  try {
    for (const [index, golden] of cases.entries()) {
      if (!concerns(golden, peer)) continue
      const timeoutMs = (golden.timeoutMs ?? caseMs) + closeMs + graceMs
      const isFresh = current === undefined
      current ??= await startCaseProcess(peer)
      let verdict = await current.run(index, timeoutMs)
      if (verdict.outcome === 'crash' && !isFresh) {
        current = await startCaseProcess(peer)
        verdict = await current.run(index, timeoutMs)
        if (verdict.outcome !== 'crash') blame(results.at(-1))
      }
      // Some cases have limits of milliseconds, and the machine has other things to do.
      if (verdict.outcome === 'fail') verdict = await current.run(index, timeoutMs)
      results.push({ golden, ...verdict })
      if (verdict.outcome !== 'crash' && verdict.outcome !== 'hang') continue
      current.stop()
      current = undefined
    }
    return { peer, results }
  } catch (error) {
    return { peer, results, broken: (error as Error).message }
  } finally {
    current?.stop()
  }
}

/** A case that does no harm alone has met what the one before left behind. */
function blame(before: CaseResult | undefined): void {
  if (before) Object.assign(before, { outcome: 'crash', message: 'the process ended just afterwards' })
}
