import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

export const BIN = fileURLToPath(new URL('./bin/faultline.js', import.meta.resolve('faultline/package.json')))

export interface Run {
  args: string[]
  /** The working directory. */
  folder: string
  env?: NodeJS.ProcessEnv
  /** Of Node. */
  flags?: string[]
}

/** With these variables and no others: the runner puts itself into every Node by NODE_OPTIONS. */
export function start({ args, folder, env = {}, flags = [] }: Run) {
  return spawn(process.execPath, [...flags, BIN, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs a command to its end. */
export async function runFaultline(run: Run): Promise<{ out: string; err: string; code: number | null }> {
  const child = start(run)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { out, err, code }
}

export interface Serving {
  url: string
  child: ChildProcess
  /** Ends it. @returns its exit code */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts `faultline serve` on a free port, and waits until it listens. */
export async function serving(
  t: Test,
  { args = [], ...run }: Omit<Run, 'args'> & { args?: string[] },
): Promise<Serving> {
  const child = start({ ...run, args: ['serve', '--port', '0', '--host', '127.0.0.1', ...args] })
  t.teardown(() => child.kill('SIGKILL'))
  const closed = once(child, 'close')
  const err = text(child.stderr)
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const [, url] = /^Faultline listens on (\S+)$/.exec(line) ?? []
      if (url !== undefined) resolve(url)
    })
    child.once('close', async () => reject(new Error(`It has ended: ${await err}`)))
  })
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal)
    return ((await closed) as [number | null])[0]
  }
  return { url, child, stop }
}
