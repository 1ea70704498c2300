import { type CaseProcess, startCaseProcess } from './case-process.ts'
import type { GoldenCase } from './golden.ts'
import type { Verdict } from './outcome.ts'
import { concerns, type Peer, peers } from './peers.ts'

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
      const isFresh = current === undefined || current.hasEnded()
      if (isFresh) {
        blame(results, current)
        current = await startCaseProcess(peers.indexOf(peer))
      }
      let verdict = await (current as CaseProcess).run(index, timeoutMs)
      if (verdict.outcome === 'crash' && !isFresh) {
        current = await startCaseProcess(peers.indexOf(peer))
        verdict = await current.run(index, timeoutMs)
        // Alone it does no harm: what ended the process was left behind by the case before.
        if (verdict.outcome !== 'crash') setCrash(results.at(-1))
      }
      results.push({ golden, ...verdict })
      if (verdict.outcome === 'hang') current?.stop()
    }
    return { peer, results }
  } catch (error) {
    return { peer, results, broken: (error as Error).message }
  } finally {
    current?.stop()
  }
}

/** The process ended between two cases: the one before has done it, unless it is known for worse. */
function blame(results: readonly CaseResult[], ended: CaseProcess | undefined): void {
  const last = results.at(-1)
  if (ended !== undefined && last?.outcome !== 'hang') setCrash(last)
}

function setCrash(result: CaseResult | undefined): void {
  if (result === undefined || result.outcome === 'crash') return
  Object.assign(result, { outcome: 'crash', message: 'the process ended just afterwards' })
}
