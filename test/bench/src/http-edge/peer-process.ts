// The cases of one peer, one after the other, each when it is asked for. Ends when its parent goes, or by what a case does to it.
import { setTimeout as pass } from 'node:timers/promises'
import type { Stage } from '../../../golden/case.ts'
import { type Golden, type GoldenCase, loadGolden } from './golden.ts'
import type { Verdict } from './outcome.ts'
import { peers } from './peers.ts'

export type CaseOrder = { index: number }
/** What the process says when it is ready. */
export type Greeting = { ready: true } | { broken: string }

/** The cases plant this word wherever nothing of it may reach the client. */
const secret = 'hunter2'
/** This one shows it on purpose, as the text of a 4xx. */
const showsIt = 'R7'
/** A late throw or rejection of the case ends this process before the next one begins. */
const settleMs = 10
const messageCharacters = 300

const peer = peers[Number(process.argv[2])]
if (peer === undefined) throw new Error(`there is no peer ${process.argv[2]}`)
const golden = await loadGolden()
process.on('disconnect', () => process.exit())

try {
  const kit = await peer.kit(golden)
  process.on('message', async ({ index }: CaseOrder) => {
    const watched = watch(golden.cases[index] as GoldenCase)
    const verdict = await golden.runCase(watched.golden, kit, peer.framework).then(
      (): Verdict => ({ outcome: 'pass' }),
      (error: unknown) => verdictOn(error, watched.hasLeaked(), golden),
    )
    await pass(settleMs)
    process.send?.(verdict)
  })
  process.send?.({ ready: true } satisfies Greeting)
} catch (error) {
  process.send?.({ broken: inOneLine(error) } satisfies Greeting)
}

function verdictOn(error: unknown, hasLeaked: boolean, { CaseHung, Leak }: Golden): Verdict {
  const message = inOneLine(error)
  if (error instanceof CaseHung) return { outcome: 'hang', message }
  return { outcome: hasLeaked || error instanceof Leak ? 'leak' : 'fail', message }
}

function inOneLine(error: unknown): string {
  return String((error as Error)?.message ?? error)
    .replaceAll(/\s+/g, ' ')
    .slice(0, messageCharacters)
}

/** A case may fail for another reason before it looks for its secret: somebody has to look at every answer. */
function watch(original: GoldenCase): { golden: GoldenCase; hasLeaked(): boolean } {
  let hasLeaked = false
  const start = async (stage: Stage, description: Parameters<Stage['start']>[0]) => {
    const service = await stage.start(description)
    const ask: typeof service.ask = async (...asked) => {
      const answer = await service.ask(...asked)
      hasLeaked ||= `${JSON.stringify(answer.headers)}${answer.text}`.includes(secret)
      return answer
    }
    return { ...service, ask }
  }
  const run: GoldenCase['run'] = (stage) =>
    original.run({ ...stage, start: (description) => start(stage, description) })
  return { golden: { ...original, run }, hasLeaked: () => hasLeaked && original.number !== showsIt }
}
