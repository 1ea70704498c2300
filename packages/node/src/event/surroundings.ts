import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import type { ErrorEvent } from '@faultline/protocol'
import { COMMIT_VARIABLES } from './commit-variables.js'
import { containerId } from './container-id.js'
import { fileStart } from './file-start.js'
import { currentFolder, foldersAbove } from './folders.js'
import { gitCommit } from './git-commit.js'

/** What is the same in all events of a process. */
export type Surroundings = Pick<
  ErrorEvent,
  'service' | 'environment' | 'release' | 'commit' | 'host' | 'runtime' | 'platform'
>

/** What an application says about itself. */
export interface SurroundingsOptions {
  /** Default: `FAULTLINE_SERVICE`, `OTEL_SERVICE_NAME`, the name in the nearest package.json. */
  service?: string | undefined
  /** Default: `FAULTLINE_ENVIRONMENT`, `NODE_ENV`, `production`. */
  environment?: string | undefined
  /** Default: `FAULTLINE_RELEASE`, the first 12 characters of the commit. */
  release?: string | undefined
  /** Default: `FAULTLINE_COMMIT`, the platform's variable, what git has checked out. */
  commit?: string | undefined
}

/** Where surroundings are read from. */
export interface Places {
  cwd: string
  /** The file that Node was started with, if any. */
  mainScript: string | undefined
  /** The folder of the process in the proc file system. */
  proc: string
}

const RELEASE_LENGTH = 12

/** Reads, once and synchronously, what every event of this process says of where it comes from. Never throws. */
export function surroundings(
  options: SurroundingsOptions = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
  places: Places = { cwd: currentFolder(), mainScript: process.argv[1], proc: '/proc/self' },
): Surroundings {
  const variable = (name: string) => env[name]?.trim() || undefined
  const folder = applicationFolder(places)
  const commit =
    options.commit || variable('FAULTLINE_COMMIT') || platformCommit(variable) || attemptCommit(folder)
  const release = options.release || variable('FAULTLINE_RELEASE') || commit?.slice(0, RELEASE_LENGTH)
  const container = containerId(places.proc)
  return {
    service:
      options.service ||
      variable('FAULTLINE_SERVICE') ||
      variable('OTEL_SERVICE_NAME') ||
      packageName(folder) ||
      'unknown-service',
    environment:
      options.environment || variable('FAULTLINE_ENVIRONMENT') || variable('NODE_ENV') || 'production',
    ...(release && { release }),
    ...(commit && { commit }),
    host: { name: hostname(), ...(container && { containerId: container }) },
    runtime: runtime(),
    platform: 'node',
  }
}

/** The main script's, unless that is a tool which was installed to start the service. */
function applicationFolder({ cwd, mainScript }: Places): string {
  const isOwn = mainScript !== undefined && !/[\\/]node_modules[\\/]/.test(mainScript)
  return isOwn ? dirname(mainScript) : cwd
}

function platformCommit(variable: (name: string) => string | undefined): string | undefined {
  return COMMIT_VARIABLES.map(variable).find((value) => value !== undefined && /^[\da-f]{7,64}$/i.test(value))
}

function attemptCommit(folder: string): string | undefined {
  try {
    return gitCommit(folder)
  } catch {
    return undefined
  }
}

function packageName(from: string): string | undefined {
  for (const folder of foldersAbove(from)) {
    const name = nameIn(fileStart(join(folder, 'package.json'), 1_048_576))
    if (name !== undefined) return name
  }
  return undefined
}

/** One without a name only says how the files below it are to be read. */
function nameIn(manifest: string | undefined): string | undefined {
  if (manifest === undefined) return undefined
  try {
    const { name } = JSON.parse(manifest) as { name?: unknown }
    return typeof name === 'string' && name !== '' ? name : undefined
  } catch {
    return undefined
  }
}

function runtime(): { name: string; version: string } {
  const { bun, deno, node } = process.versions as NodeJS.ProcessVersions & { bun?: string; deno?: string }
  if (bun !== undefined) return { name: 'bun', version: bun }
  return deno === undefined ? { name: 'node', version: node } : { name: 'deno', version: deno }
}
