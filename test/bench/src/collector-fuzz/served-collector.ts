import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { hashToken, newToken, openStoreWriter } from '@faultline/collector'
import type { Access } from './hostile-requests.ts'

const bin = fileURLToPath(new URL('./bin/faultline.js', import.meta.resolve('faultline/package.json')))
/** Every thread loads it, and only the main thread hears signals. */
const collectOnSignal = `data:text/javascript,${encodeURIComponent(`
  const all = new BroadcastChannel('collect')
  all.onmessage = () => globalThis.gc()
  all.unref()
  process.on('SIGUSR2', () => { globalThis.gc(); all.postMessage('') })
`)}`
const LOOK_MS = 50

/** What `/metrics` says, as far as it matters here. */
export interface Figures {
  received: number
  outcomes: number
  pending: number
  deadLetters: number
  rssMib: number
}

/** `faultline serve` in a process of its own, with what may and must not be attacked. */
export interface ServedCollector {
  port: number
  /** For hostile requests. */
  hostile: Access
  /** For those that have to be stored. */
  honest: Access
  /** Lines of its log from error on. */
  errors: string[]
  hasEnded(): boolean
  figures(): Promise<Figures>
  /** Of the query API. */
  ask(path: string): Promise<{ status: number; body: unknown }>
  /** Resolves once everything is digested. @throws Error when that takes too long */
  untilDigested(): Promise<void>
  /** After a collection and a pause. */
  restingMib(): Promise<number>
  /** @returns the exit code */
  stop(): Promise<number | null>
}

/** @param data an empty folder */
export async function serveCollector(data: string): Promise<ServedCollector> {
  const { hostile, honest } = makeProjects(`${data}/store.db`)
  const child = spawn(
    process.execPath,
    [
      '--expose-gc',
      '--import',
      collectOnSignal,
      bin,
      'serve',
      '--data',
      data,
      '--host',
      '127.0.0.1',
      '--port',
      '0',
    ],
    {
      env: { PATH: process.env.PATH, FAULTLINE_RATE_LIMIT: 'off', FAULTLINE_MIN_FREE_DISK_BYTES: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const exited = once(child, 'exit')
  const errors: string[] = []
  const url = await listening(child, errors)
  const text = async (path: string) => (await fetch(url + path)).text()
  const figures = async () => figuresOf(await text('/metrics'))
  return {
    port: Number(new URL(url).port),
    hostile,
    honest,
    errors,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    figures,
    async ask(path) {
      const response = await fetch(`${url}/api/v1${path}`, {
        headers: { authorization: `Bearer ${honest.token}` },
      })
      return { status: response.status, body: await response.json() }
    },
    untilDigested: () => untilNothingIsPending(figures),
    async restingMib() {
      for (let round = 0; round < 3; round++) {
        child.kill('SIGUSR2')
        await sleep(500)
      }
      return (await figures()).rssMib
    },
    async stop() {
      child.kill('SIGTERM')
      return ((await exited) as [number | null])[0]
    },
  }
}

function makeProjects(storeFile: string): { hostile: Access; honest: Access } {
  const store = openStoreWriter(storeFile)
  const token = newToken()
  store.createToken({ name: 'fuzzer', role: 'member', hash: hashToken(token) }, Date.now())
  const [hostile, honest] = ['Attacked', 'Honest'].map((name) => {
    const { id, keys } = store.createProject({ name }, Date.now())
    return { projectId: id, publicKey: keys[0]?.publicKey ?? '', token }
  }) as [Access, Access]
  store.close()
  return { hostile, honest }
}

/** @returns where it listens */
function listening(child: ChildProcess, errors: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface(stream).on('line', (line) => {
        const url = /^Faultline listens on (\S+)$/.exec(line)?.[1]
        if (url !== undefined) resolve(url.replace('localhost', '127.0.0.1'))
        else if (isError(line)) errors.push(line)
      })
    }
    child.once('exit', (code) =>
      reject(new Error(`The collector has ended with ${code}: ${errors.join('\n')}`)),
    )
  })
}

function isError(line: string): boolean {
  const level = /^\{"level":(\d+)/.exec(line)?.[1]
  return level === undefined
    ? !/^(?:Make a first project|Sign in as administrator)/.test(line)
    : Number(level) >= 50
}

async function untilNothingIsPending(figures: () => Promise<Figures>): Promise<void> {
  let last = Number.POSITIVE_INFINITY
  let stuckLooks = 0
  while (stuckLooks < 400) {
    const { pending } = await figures()
    if (pending === 0) return
    stuckLooks = pending < last ? 0 : stuckLooks + 1
    last = pending
    await sleep(LOOK_MS)
  }
  throw new Error(`Digest is stuck: ${last} events have been pending for 20 s.`)
}

function figuresOf(metrics: string): Figures {
  const total = (name: string) => {
    const lines = metrics.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))
    return [...lines].reduce((sum, [, value]) => sum + Number(value), 0)
  }
  return {
    received: total('faultline_received_events_total'),
    outcomes: total('faultline_outcomes'),
    pending: total('faultline_pending_events'),
    deadLetters: total('faultline_dead_letters'),
    rssMib: total('process_resident_memory_bytes') / 1_048_576,
  }
}
