import { type ChildProcess, fork } from 'node:child_process'
import type { Verdict } from './outcome.ts'
import type { CaseOrder, Greeting } from './peer-process.ts'
import { type Peer, peers } from './peers.ts'

/** A child process that runs cases of one peer until one of them ends it. */
export interface CaseProcess {
  /** `hang` when the time is over. */
  run(index: number, timeoutMs: number): Promise<Verdict>
  stop(): void
}

/** @throws What was wrong, if the peer cannot even be loaded. */
export async function startCaseProcess(peer: Peer): Promise<CaseProcess> {
  const script = new URL('./peer-process.ts', import.meta.url)
  const child = fork(script, [String(peers.indexOf(peer))], {
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const greeting = await new Promise<Greeting>((resolve) => {
    child.once('message', (message) => resolve(message as Greeting))
    child.once('exit', (code) => resolve({ broken: `its process ended with ${code}` }))
  })
  if ('broken' in greeting) {
    child.kill('SIGKILL')
    throw new Error(greeting.broken)
  }
  return {
    run: (index, timeoutMs) => run(child, index, timeoutMs),
    stop: () => void child.kill('SIGKILL'),
  }
}

function run(child: ChildProcess, index: number, timeoutMs: number): Promise<Verdict> {
  return new Promise((resolve) => {
    const end = (verdict: Verdict) => {
      clearTimeout(timer)
      child.off('message', end)
      child.off('exit', died)
      resolve(verdict)
    }
    const died = (code: number | null, signal: string | null) =>
      end({ outcome: 'crash', message: `the process ended with ${signal ?? code}` })
    const timer = setTimeout(
      () => end({ outcome: 'hang', message: `no result after ${timeoutMs} ms` }),
      timeoutMs,
    )
    child.once('message', end)
    child.once('exit', died)
    // It may have ended since the case before.
    if (child.exitCode !== null || child.signalCode !== null) return died(child.exitCode, child.signalCode)
    // If it is just going, 'exit' says so.
    child.send({ index } satisfies CaseOrder, () => {})
  })
}
