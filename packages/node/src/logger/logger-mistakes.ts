import { isCount, isRedaction, type OptionCheck, optionMistakes } from '../config/check-options.js'
import type { LoggerOptions } from './logger-options.js'

const CHECKS: Readonly<Record<keyof LoggerOptions, OptionCheck>> = {
  level: isCheckedWithVariable,
  service: isCheckedWithVariable,
  dir: isCheckedWithVariable,
  console: (value) =>
    typeof value === 'boolean' || value === 'pretty' || value === 'json'
      ? undefined
      : 'must be true, false, pretty or json',
  fileBytes: (value) =>
    isCount(value) || (value as number) < 1024 ? 'must be a whole number from 1024' : undefined,
  keepFiles: isCount,
  redact: isRedaction,
}

/** What is wrong with options of a logger, but for those that may come from the environment. */
export function loggerMistakes(options: unknown): string[] {
  return optionMistakes('createLogger', options, CHECKS)
}

function isCheckedWithVariable(): undefined {
  return undefined
}
