import type { Logger } from 'pino'
import { type OptionCheck, optionMistakes, refuse } from '../config/check-options.js'
import { CONFIG_ENTRIES, type Config } from '../config/config-schema.js'
import { readConfig } from '../config/load-config.js'
import { nodeErrors } from '../errors.js'
import { createLogger } from '../logger/create-logger.js'
import { loggerMistakes } from '../logger/logger-mistakes.js'
import type { LoggerOptions } from '../logger/logger-options.js'
import { catchProcessErrors, type ProcessErrorOptions } from '../process/catch-process-errors.js'
import { createReporter, type NodeReporter } from '../reporter/create-reporter.js'
import type { ReporterOptions } from '../reporter/reporter-options.js'
import { reporterSettings } from '../reporter/reporter-settings.js'

/** What a program says itself: entries of the configuration, before the environment, and what only a program can say. */
export interface StartOptions extends Partial<Config> {
  /** Of `createLogger`, but for what is in the configuration. */
  logger?: Omit<LoggerOptions, 'level' | 'service' | 'dir'>
  /** Of `createReporter`, but for what is in the configuration. */
  reporter?: Omit<ReporterOptions, keyof Config | 'logger'>
  /** Of `catchProcessErrors`; `false`: no process hooks. */
  processErrors?: Omit<ProcessErrorOptions, 'reporter' | 'logger'> | false
}

const isCheckedElsewhere: OptionCheck = () => undefined
const CHECKS: Readonly<Record<string, OptionCheck>> = Object.fromEntries(
  [...CONFIG_ENTRIES.map(([name]) => name), 'logger', 'reporter', 'processErrors'].map((name) => [
    name,
    isCheckedElsewhere,
  ]),
)

/** A service's error handling, started. */
export interface Faultline {
  readonly config: Config
  readonly logger: Logger
  readonly reporter: NodeReporter
  /** Sends what is waiting, and takes the process hooks out. `false` when the time ran out. Default time-out: the reporter's. */
  close(timeoutMs?: number): Promise<boolean>
}

/**
 * Sets up logger, reporter and process hooks from the environment. Without a DSN, or with `FAULTLINE_ENABLED=false`, nothing is
 * reported and no hook is installed; the logger logs.
 * @throws InvalidConfiguration naming every mistake, of the environment and of the options.
 */
export function startFaultline(options: StartOptions = {}): Faultline {
  const { logger: loggerOptions, reporter: reporterOptions, processErrors, ...given } = options
  const { config, mistakes } = readConfig({
    env: process.env,
    given,
    labelOf: (name) => `startFaultline: ${name}`,
  })
  const isReporting = config.enabled && config.dsn !== undefined
  const hooks = processErrors === false || !isReporting ? undefined : (processErrors ?? {})
  mistakes.push(
    ...optionMistakes('startFaultline', options, CHECKS),
    ...loggerMistakes(loggerOptions ?? {}),
    ...mistakesOf(() => reporterSettings(reporterOptions ?? {}, {})),
    ...mistakesOf(() => hooks && catchProcessErrors(hooks)()),
  )
  refuse(mistakes)

  const { service, logLevel, logDir } = config
  const logger = createLogger({ ...loggerOptions, service, level: logLevel, dir: logDir })
  const reporter = createReporter({ ...reporterOptions, ...reporterPart(config), logger })
  const removeHooks = hooks && catchProcessErrors({ ...hooks, reporter, logger })
  tellStart(logger, config)
  return {
    config,
    logger,
    reporter,
    async close(timeoutMs) {
      const isDone = await reporter.close(timeoutMs)
      removeHooks?.()
      if (config.debug) logger.info({ stats: reporter.stats() }, 'Faultline is closed.')
      return isDone
    },
  }
}

function reporterPart(config: Config): ReporterOptions {
  const { logDir: _logDir, logLevel: _logLevel, ...part } = config
  return part
}

function tellStart(logger: Logger, config: Config): void {
  const { dsn, ...shown } = config
  if (config.debug) logger.info({ config: { ...shown, hasDsn: dsn !== undefined } }, 'Faultline is set up.')
  if (config.enabled && dsn === undefined) {
    logger.warn('FAULTLINE_DSN is not set: errors are logged here, and reported to nobody.')
  }
}

function mistakesOf(check: () => unknown): readonly string[] {
  try {
    check()
    return []
  } catch (error) {
    if (error instanceof nodeErrors.InvalidConfiguration) return error.extensions.mistakes
    throw error
  }
}
