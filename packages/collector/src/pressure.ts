import { statfs } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { CollectorConfig } from './config.js'
import type { Pressure } from './intake/limits.js'

const LOOK_MS = 1000

const DISK: Pressure = {
  retryAfterSeconds: 30,
  reason: 'The disk of the collector is nearly full.',
}
const MEMORY: Pressure = { retryAfterSeconds: 5, reason: 'The collector is short of memory.' }

export interface PressureOptions {
  config: Pick<CollectorConfig, 'minFreeDiskBytes' | 'memoryLimitBytes'>
  folder: string
  log: Pick<FastifyBaseLogger, 'warn' | 'info'>
}

/** Looks at disk and memory once a second, so that a request only has to ask. */
export interface PressureGauge {
  current(): Pressure | undefined
  close(): void
}

export async function startPressureGauge(options: PressureOptions): Promise<PressureGauge> {
  let current: Pressure | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  const look = async () => {
    const found = await pressureOf(options)
    if (isClosed) return
    timer = setTimeout(look, LOOK_MS).unref()
    if (found === current) return
    current = found
    if (found === undefined) options.log.info('There is room again.')
    else options.log.warn(`${found.reason} Nothing is taken until there is room again.`)
  }
  await look()
  return {
    current: () => current,
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

async function pressureOf({ config, folder }: PressureOptions): Promise<Pressure | undefined> {
  if ((await freeBytes(folder)) < config.minFreeDiskBytes) return DISK
  return process.memoryUsage.rss() > config.memoryLimitBytes ? MEMORY : undefined
}

/** A disk that cannot be asked has nothing free. */
async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return 0
  }
}
