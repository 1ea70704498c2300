import { execFile, spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const programs = join(root, 'test/journeys/sentry-clients')
const SENTRY_SDK = 'sentry-sdk==2.75.0'
const SCHEMATHESIS = 'schemathesis==4.32.5'

/** Runs a program of ./sentry-clients/ to its end, with these variables and hardly any others: no runner, no settings of this machine. */
export async function runClient(
  [file = '', ...args]: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  const isPython = file.endsWith('.py')
  const flags = isPython ? ['-S'] : [] // no packages of this machine
  await run(isPython ? 'python3' : process.execPath, [...flags, join(programs, file), ...args], {
    cwd: programs,
    env: { PATH: process.env.PATH, PYTHONPATH: folderOf(SENTRY_SDK), PYTHONDONTWRITEBYTECODE: '1', ...env },
    timeout: 60_000,
  })
}

/** Tries a collector's API against its own OpenAPI document. @returns what it prints; it rejects when something is not as the document says */
export async function runSchemathesis(args: readonly string[]): Promise<string> {
  const { stdout } = await run('python3', ['-S', '-m', 'schemathesis.cli', ...args], {
    cwd: folderOf(SCHEMATHESIS),
    env: { PATH: process.env.PATH, PYTHONPATH: folderOf(SCHEMATHESIS), PYTHONDONTWRITEBYTECODE: '1' },
    timeout: 300_000,
    maxBuffer: 1e8,
  })
  return stdout
}

export const hasPythonSdk = () => hasPackage(SENTRY_SDK)
export const hasSchemathesis = () => hasPackage(SCHEMATHESIS)

/** Whether Python has this package, after an attempt to install it: in a folder of its own that is kept between runs. */
function hasPackage(name: string): boolean {
  const folder = folderOf(name)
  if (existsSync(folder)) return true
  // Whole or not at all: a run may end in the middle, or another be at it.
  const draft = `${folder}-${process.pid}`
  const args = ['-m', 'pip', 'install', '--quiet', '--target', draft, name]
  const { status } = spawnSync('python3', args, { stdio: 'ignore', timeout: 120_000 })
  if (status === 0 && !existsSync(folder)) renameSync(draft, folder)
  rmSync(draft, { recursive: true, force: true })
  return existsSync(folder)
}

function folderOf(name: string): string {
  return join(root, 'node_modules/.cache', name.replace('==', '-'))
}
