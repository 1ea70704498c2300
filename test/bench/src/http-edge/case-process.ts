import { type ChildProcess, fork } from 'node:child_process'
import type { Verdict } from './outcome.ts'
import type { CaseOrder, Greeting } from './peer-process.ts'

/** A child process that runs cases of one peer until one of them ends it. */
export interface CaseProcess {
  /** Kills the process when the time is over. */
  run(index: number, timeoutMs: number): Promise<Verdict>
  hasEnded(): boolean
  stop(): void
}

/** @throws What was wrong, if the peer cannot even be loaded. */
export async function startCaseProcess(peerIndex: number): Promise<CaseProcess> {
  const script = new URL('./peer-process.ts', import.meta.url)
  const child = fork(script, [String(peerIndex)], {
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
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    stop: () => void child.kill('SIGKILL'),
  }
}

function run(child: ChildProcess, index: number, timeoutMs: number): Promise<Verdict> {
  return new Promise((resolve) => {
    const end = (verdict: Verdict) => {
      clearTimeout(timer)
      child.off('message', end)
      child.off('exit', died)
      if (verdict.outcome === 'hang') child.kill('SIGKILL')
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
    // If it is gone already, 'exit' says so.
    child.send({ index } satisfies CaseOrder, () => {})
  })
}
