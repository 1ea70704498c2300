import type { CollectorConfig } from '../config.js'
import { type Check, ok, warning } from './check.js'

const NAME = 'clock'
const MOST_AHEAD_MS = 60_000
const MOST_APART_MS = 5000
const TIMEOUT_MS = 2000

interface ClockOptions {
  config: CollectorConfig
  now: number
  isRunning: boolean
  newestReceivedAt: number | undefined
}

/** Against what is stored, and against the collector that runs here, if it answers where the configuration says. */
export async function checkClock({
  config,
  now,
  isRunning,
  newestReceivedAt = 0,
}: ClockOptions): Promise<Check> {
  const ahead = newestReceivedAt - now
  if (ahead > MOST_AHEAD_MS) {
    const minutes = Math.ceil(ahead / 60_000)
    return warning(
      NAME,
      `The newest event was received ${minutes} minutes from now: the clock was set back, so compare it with another.`,
    )
  }
  const apart = isRunning ? await apartFromCollector(config) : undefined
  if (apart !== undefined && Math.abs(apart) > MOST_APART_MS)
    return warning(
      NAME,
      `This clock and that of the collector are ${Math.round(Math.abs(apart) / 1000)} seconds apart: set both by NTP.`,
    )
  return ok(NAME, `It is ${new Date(now).toISOString()}, after everything that is stored.`)
}

/** @returns milliseconds; undefined where nobody answers */
async function apartFromCollector({ host, port }: CollectorConfig): Promise<number | undefined> {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  try {
    const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}/health/live`
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const date = Date.parse(response.headers.get('date') ?? '')
    return Number.isNaN(date) ? undefined : Date.now() - date
  } catch {
    return undefined
  }
}
