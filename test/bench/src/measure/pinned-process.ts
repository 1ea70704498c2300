import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** The two cores of a measurement. */
export const cores = { server: 0, load: 1 }

/** Without `taskset` (it is Linux's) the processes run wherever they like, and the table says so. */
export const canPin = spawnSync('taskset', ['-V']).status === 0

/** A child process that answers each message with one message. */
export interface PinnedProcess {
  ask<Answer>(message: object): Promise<Answer>
  stop(): Promise<void>
}

/** Starts a script of this package on one core. */
export function startPinned(script: URL, core: number, ...args: readonly string[]): PinnedProcess {
  return startOn(core, script, args)
}

/** Starts a script of this package on all cores. */
export function startFree(script: URL, ...args: readonly string[]): PinnedProcess {
  return startOn(undefined, script, args)
}

function startOn(core: number | undefined, script: URL, args: readonly string[]): PinnedProcess {
  const command = [process.execPath, '--no-warnings', script.pathname, ...args]
  const pinned = canPin && core !== undefined ? ['taskset', '-c', String(core), ...command] : command
  const child = spawn(pinned[0] as string, pinned.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  return { ask: (message) => ask(child, message), stop: () => stop(child) }
}

function ask<Answer>(child: ChildProcess, message: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`a process of the benchmark ended with ${code}`))
    child.once('exit', died)
    child.once('message', (answer) => {
      child.off('exit', died)
      resolve(answer as Answer)
    })
    child.send(message)
  })
}

async function stop(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.disconnect()
  await exit
}
