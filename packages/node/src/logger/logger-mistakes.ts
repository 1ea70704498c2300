import type { RedactOptions } from '@faultline/core'
import { checkOptions } from '@faultline/core/adapter'
import type { LoggerOptions } from './logger-options.js'

type Check = (value: unknown) => string | undefined

const CHECKS: Readonly<Record<keyof LoggerOptions, Check>> = {
  level: isCheckedElsewhere,
  service: isCheckedElsewhere,
  dir: isCheckedElsewhere,
  console: (value) =>
    typeof value === 'boolean' || value === 'pretty' || value === 'json'
      ? undefined
      : 'must be true, false, pretty or json',
  fileBytes: (value) => wholeNumber(value, 1024),
  keepFiles: (value) => wholeNumber(value, 1),
  redact: redactMistake,
}

/** What is wrong with options of a logger, but for those that may come from the environment. */
export function loggerMistakes(options: object): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return []
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof LoggerOptions] : undefined
    const mistake = check ? check(value) : `is no option; the options are ${Object.keys(CHECKS).join(', ')}`
    return mistake === undefined ? [] : [`${name} ${mistake}`]
  })
}

/** With the configuration. */
function isCheckedElsewhere(): undefined {
  return undefined
}

function wholeNumber(value: unknown, least: number): string | undefined {
  return Number.isInteger(value) && (value as number) >= least
    ? undefined
    : `must be a whole number from ${least}`
}

/** As the error handler says it. */
function redactMistake(redact: unknown): string | undefined {
  try {
    checkOptions({ redact: redact as RedactOptions })
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n  - redact ').at(-1)
  }
}
