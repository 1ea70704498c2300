// The collector as operators run it: `faultline serve`, a process of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashToken, newToken, openStoreWriter } from '@faultline/collector'
import type { Test } from 'tap'

const bin = fileURLToPath(new URL('./bin/faultline.js', import.meta.resolve('faultline/package.json')))

/** Of the one project in a data folder that `prepareData` has made. */
export const KEY = '0123456789abcdef0123456789abcdef'

/** Makes a data folder with project 1 and a token for everything, before the first start. @returns the token */
export function prepareData(data: string): string {
  mkdirSync(data, { recursive: true })
  const store = openStoreWriter(join(data, 'store.db'))
  store.createProject({ name: 'Shop', id: 1, publicKey: KEY }, Date.now())
  const token = newToken()
  store.createToken({ name: 'test', role: 'admin', hash: hashToken(token) }, Date.now())
  store.close()
  return token
}

export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
  /** All of its standard error. */
  err: string
}

export interface CollectorChild {
  pid: number
  /** Its address, once it listens. */
  ready: Promise<string>
  ended: Promise<Ending>
  /** Standard output so far: its log. */
  printed(): string
  kill(signal: NodeJS.Signals): Promise<Ending>
}

export interface ChildOptions {
  data: string
  /** With these variables and no others: the runner puts itself into every Node by NODE_OPTIONS. */
  env?: NodeJS.ProcessEnv
  args?: string[]
}

export function spawnCollector(t: Test, { data, env = {}, args = [] }: ChildOptions): CollectorChild {
  const child = spawnFaultline(['serve', '--port', '0', '--host', '127.0.0.1', '--data', data, ...args], env)
  t.teardown(() => child.kill('SIGKILL'))
  const printed = textOf(child.stdout)
  const said = textOf(child.stderr)
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, err: said() }))
  })
  const ready = new Promise<string>((resolve, reject) => {
    const look = () => {
      const [, url] = /^Faultline listens on (\S+)$/m.exec(printed()) ?? []
      if (url !== undefined) resolve(url)
    }
    child.stdout?.on('data', look)
    void ended.then(({ err, signal }) => reject(new Error(`It has ended, ${signal ?? err}`)))
  })
  ready.catch(() => undefined) // not everybody waits for it
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return { pid: child.pid as number, ready, ended, printed, kill }
}

/** Runs a command of the command line to its end. */
export async function runFaultline(args: string[]): Promise<Ending & { out: string }> {
  const child = spawnFaultline(args, {})
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, out: out(), err: err() }))
  })
}

function spawnFaultline(args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [bin, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}

/** A disk of its own, to be filled. It takes root to mount one: elsewhere there is none, but in CI there has to be. */
export function mountDisk(t: Test, sizeMiB: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    if (process.env.CI) throw error
    return undefined
  }
  t.teardown(() => {
    execFileSync('umount', ['--lazy', folder])
    execFileSync('rmdir', [folder])
  })
  return folder
}
