import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openStoreReader } from '@faultline/collector'
import { growOldStore, placeOldStore } from '../../../golden/stores/old-store.ts'

const bin = fileURLToPath(new URL('./bin/faultline.js', import.meta.resolve('faultline/package.json')))
const LOOK_MS = 100

const options = {
  events: { type: 'string', default: '1000000' },
  interruptions: { type: 'string', default: '4' },
} as const

/** `npm run bench -- upgrade [--events N] [--interruptions N]`: from version 1 to the newest, killed and stopped in turns on the way. */
export async function benchUpgrade(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options })
  const [events, interruptions] = [Number(values.events), Number(values.interruptions)]
  const folder = mkdtempSync(join(tmpdir(), 'faultline-upgrade-'))
  try {
    const [straight, broken] = ['straight', 'broken'].map((name) => join(folder, name)) as [string, string]
    for (const data of [straight, broken]) growOldStore(placeOldStore(data), events)
    const mib = Math.round(statSync(join(straight, 'store.db')).size / 1_048_576)
    console.log(`${events} events, ${mib} MiB`)

    const straightMs = await upgradeAll(straight)
    console.log(`without interruption: ${seconds(straightMs)}`)

    for (let number = 0; number < interruptions; number++) {
      const signal = number % 2 === 0 ? 'SIGKILL' : 'SIGTERM'
      console.log(await interrupt(broken, signal, straightMs / (interruptions + 1)))
    }
    console.log(`the rest after ${interruptions} interruptions: ${seconds(await upgradeAll(broken))}`)

    const isSame = releasesIn(straight) === releasesIn(broken)
    console.log(isSame ? 'The same releases with the same counts.' : 'THE COUNTS OF RELEASES DIFFER.')
    process.exitCode = isSame ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns how long it took from the start until it was ready */
async function upgradeAll(data: string): Promise<number> {
  const startedAt = performance.now()
  const { child, url } = await serve(data)
  while (!(await fetch(`${url}/health/ready`)).ok) await sleep(LOOK_MS)
  const tookMs = performance.now() - startedAt
  child.kill('SIGTERM')
  await once(child, 'exit')
  return tookMs
}

async function interrupt(data: string, signal: NodeJS.Signals, afterMs: number): Promise<string> {
  const { child, progress } = await serve(data)
  await sleep(afterMs)
  const startedAt = performance.now()
  child.kill(signal)
  const [code] = await once(child, 'exit')
  return `${signal}: ended with ${code} after ${seconds(performance.now() - startedAt)}; last said: ${progress()}`
}

async function serve(data: string): Promise<{ child: ChildProcess; url: string; progress(): string }> {
  const child = spawn(
    process.execPath,
    [bin, 'serve', '--port', '0', '--host', '127.0.0.1', '--data', data],
    {
      env: { PATH: process.env.PATH, FAULTLINE_MIN_FREE_DISK_BYTES: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let progress = 'nothing'
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, listening] = /^Faultline listens on (\S+)$/.exec(line) ?? []
      if (listening !== undefined) resolve(listening)
      const [said] = /The store is .*?\.(?=")/.exec(line) ?? []
      if (said !== undefined) progress = said
    })
    child.once('exit', (code) => reject(new Error(`The collector has ended with ${code}.`)))
  })
  return { child, url, progress: () => progress }
}

function releasesIn(data: string): string {
  const reader = openStoreReader(join(data, 'store.db'))
  try {
    return JSON.stringify(reader.releases({ limit: 200 }).items)
  } finally {
    reader.close()
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
