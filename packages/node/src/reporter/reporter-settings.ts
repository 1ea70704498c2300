import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Dsn, LEVELS, parseDsn } from '@faultline/protocol'
import {
  isCount,
  isFunction,
  isLogger,
  isMs,
  isObject,
  isPositiveMs,
  isRedaction,
  type OptionCheck,
  optionMistakes,
  refuse,
} from '../config/check-options.js'
import { readConfig } from '../config/load-config.js'
import type { BackOffLimits } from '../delivery/back-off.js'
import type { ReporterOptions } from './reporter-options.js'

/** The options with their defaults. */
export interface ReporterSettings {
  dsn: Dsn
  isDebug: boolean
  /** Of this project alone. */
  spoolFolder: string | undefined
  maxEqualPerMinute: number
  maxMemoryBytes: number
  maxSpoolBytes: number
  flushIntervalMs: number
  timeoutMs: number
  backOff: BackOffLimits
}

/**
 * Checks the options, and the variables of the environment that stand in for them.
 * @returns `undefined` when nothing is to be reported
 * @throws InvalidConfiguration naming every mistake
 */
export function reporterSettings(
  options: ReporterOptions,
  env: NodeJS.ProcessEnv = process.env,
): ReporterSettings | undefined {
  const { config, mistakes } = readConfig({ env, given: options, only: [...SHARED] })
  mistakes.push(
    ...optionMistakes('createReporter', options, CHECKS),
    ...retryMistakes(options),
    ...debugMistakes(options),
  )
  refuse(mistakes)
  if (!config.enabled || config.dsn === undefined) return undefined
  const dsn = parseDsn(config.dsn)
  return {
    dsn,
    isDebug: config.debug,
    spoolFolder: config.spoolDir && join(config.spoolDir, projectFolder(dsn)),
    maxEqualPerMinute: options.maxEqualPerMinute ?? 100,
    maxMemoryBytes: options.maxMemoryBytes ?? 10_000_000,
    maxSpoolBytes: options.maxSpoolBytes ?? 100_000_000,
    flushIntervalMs: options.flushIntervalMs ?? 1000,
    timeoutMs: options.timeoutMs ?? 10_000,
    backOff: backOffOf(options),
  }
}

function backOffOf({ retry = {} }: ReporterOptions): BackOffLimits {
  const { minDelayMs = 1000, maxDelayMs = 60_000 } = retry
  return { minDelayMs, maxDelayMs }
}

/** What waits for one server must not be sent to another. */
function projectFolder({ projectId, baseUrl, publicKey }: Dsn): string {
  const target = createHash('sha256').update(`${baseUrl} ${publicKey}`).digest('hex')
  return `${projectId}-${target.slice(0, 12)}`
}

/** Options that a variable of the environment stands in for; they are checked with it. */
const SHARED = ['dsn', 'enabled', 'service', 'environment', 'release', 'commit', 'spoolDir', 'debug'] as const

const isCheckedWithVariable: OptionCheck = () => undefined
const isNumberFrom =
  (least: number): OptionCheck =>
  (value) =>
    typeof value === 'number' && value >= least ? undefined : `must be a number from ${least}`

const CHECKS: Readonly<Record<keyof ReporterOptions, OptionCheck>> = {
  ...(Object.fromEntries(SHARED.map((name) => [name, isCheckedWithVariable])) as Record<
    (typeof SHARED)[number],
    OptionCheck
  >),
  protocol: (value) =>
    value === 'faultline' || value === 'sentry' ? undefined : "must be 'faultline' or 'sentry'",
  beforeSend: isFunction,
  redact: isRedaction,
  ignoreErrors: (value) =>
    !Array.isArray(value) || !value.every((one) => typeof one === 'string' || one instanceof RegExp)
      ? 'must be an array of texts and regular expressions'
      : value.some((one) => typeof one === 'string' && one.trim() === '')
        ? 'has an empty text, which every error has in it'
        : undefined,
  sampleRate: (value) =>
    isShare(value) || (isObject(value) === undefined && Object.entries(value as object).every(isLevelShare))
      ? undefined
      : `must be a number from 0 to 1, or such numbers by level (${LEVELS.join(', ')})`,
  maxEqualPerMinute: (value) =>
    value === Number.POSITIVE_INFINITY || isCount(value) === undefined
      ? undefined
      : 'must be a whole number from 1, or Infinity',
  maxMemoryBytes: isNumberFrom(100_000),
  flushIntervalMs: isMs,
  timeoutMs: isPositiveMs,
  retry: isObject,
  maxSpoolBytes: isNumberFrom(0),
  logger: isLogger('warn'),
}

function isShare(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1
}

function isLevelShare([level, share]: [string, unknown]): boolean {
  return (LEVELS as readonly string[]).includes(level) && (share === undefined || isShare(share))
}

const RETRY_CHECKS = { minDelayMs: isPositiveMs, maxDelayMs: isPositiveMs }

function retryMistakes(options: ReporterOptions): string[] {
  if (isObject(options.retry) !== undefined) return []
  const owner = 'createReporter.retry'
  const mistakes = optionMistakes(owner, options.retry, RETRY_CHECKS)
  const { minDelayMs, maxDelayMs } = backOffOf(options)
  return mistakes.length === 0 && minDelayMs > maxDelayMs
    ? [`${owner}: minDelayMs (${minDelayMs}) is more than maxDelayMs (${maxDelayMs})`]
    : mistakes
}

/** Who says so in the program has somebody to hear of it; FAULTLINE_DEBUG is for all reporters. */
function debugMistakes({ debug, logger }: ReporterOptions): string[] {
  return debug === true && isLogger('info')(logger) !== undefined
    ? ['createReporter: debug needs a logger with info']
    : []
}
