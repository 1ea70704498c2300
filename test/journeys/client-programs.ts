import { execFile, spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const programs = join(root, 'test/journeys/sentry-clients')
const SENTRY_SDK = '2.75.0'
const sdkFolder = join(root, `node_modules/.cache/sentry-sdk-${SENTRY_SDK}`)

/** Runs a program of ./sentry-clients/ to its end, with these variables and hardly any others: no runner, no settings of this machine. */
export async function runClient(
  [file = '', ...args]: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  const isPython = file.endsWith('.py')
  const flags = isPython ? ['-S'] : [] // no packages of this machine
  await run(isPython ? 'python3' : process.execPath, [...flags, join(programs, file), ...args], {
    cwd: programs,
    env: { PATH: process.env.PATH, PYTHONPATH: sdkFolder, PYTHONDONTWRITEBYTECODE: '1', ...env },
    timeout: 60_000,
  })
}

/** Whether Python has Sentry's SDK, after an attempt to install it: in a folder of its own that is kept between runs. */
export function hasPythonSdk(): boolean {
  if (existsSync(sdkFolder)) return true
  // Whole or not at all: a run may end in the middle, or another be at it.
  const draft = `${sdkFolder}-${process.pid}`
  const args = ['-m', 'pip', 'install', '--quiet', '--target', draft, `sentry-sdk==${SENTRY_SDK}`]
  const { status } = spawnSync('python3', args, { stdio: 'ignore', timeout: 120_000 })
  if (status === 0 && !existsSync(sdkFolder)) renameSync(draft, sdkFolder)
  rmSync(draft, { recursive: true, force: true })
  return existsSync(sdkFolder)
}
