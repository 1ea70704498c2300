import t from 'tap'
import { runCase } from './case.js'
import { goldenCases } from './cases/list.js'
import { faultlineKit } from './faultline-kit.js'
import type { Framework } from './start-service.js'

const wholeListTimeoutMs = 300_000

/** Makes a test of every golden case that speaks of this framework, and a named skip of every other. */
export function runGoldenList(framework: Framework): void {
  t.setTimeout(wholeListTimeoutMs)
  for (const golden of goldenCases) {
    if (golden.once) continue
    const skip = golden.notOn?.[framework] ?? false
    // The case keeps the time itself, and says what it waited for.
    void t.test(`[${golden.number}] ${golden.title}`, { skip, timeout: wholeListTimeoutMs }, () =>
      runCase(golden, faultlineKit, framework),
    )
  }
}
