import type { Logger } from '@faultline/core'
import { redactionProblems } from '@faultline/core/adapter'
import { nodeErrors } from '../errors.js'

/** What is wrong with the value of an option, in words that follow its name; `undefined` if nothing is. */
export type OptionCheck = (value: unknown) => string | undefined

export const isFunction: OptionCheck = (value) =>
  typeof value === 'function' ? undefined : 'must be a function'

export const isSignal: OptionCheck = (value) =>
  value instanceof AbortSignal ? undefined : 'must be an AbortSignal'

export const isObject: OptionCheck = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'must be an object'

export const isCount: OptionCheck = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 1 ? undefined : 'must be a whole number from 1'

/** What a timer can wait. */
const MOST_MS = 2 ** 31 - 1
export const isMs = msFrom(0)
/** For what must not happen at once. */
export const isPositiveMs = msFrom(1)

export const isReporter: OptionCheck = (value) =>
  hasMethods(value, ['report', 'flush', 'close'])
    ? undefined
    : 'must have the methods report, flush and close'

/** @param methods Those of the logger that are called. */
export const isLogger =
  (...methods: readonly (keyof Logger)[]): OptionCheck =>
  (value) =>
    hasMethods(value, methods) ? undefined : `must be a logger with ${methods.join(' and ')}`

export const isRedaction: OptionCheck = (value) =>
  redactionProblems(value)
    .join('; ')
    .replace(/^redact /, '') || undefined

/**
 * Refuses options with mistakes. `undefined` always stands for the default.
 * @param owner Whose options they are: `guard`.
 * @throws InvalidConfiguration naming every mistake.
 */
export function checkOptions(
  owner: string,
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
): void {
  refuse(optionMistakes(owner, options, checks))
}

/** @throws InvalidConfiguration if there is any. */
export function refuse(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new nodeErrors.InvalidConfiguration({ mistakes: [...mistakes] })
}

/** Every mistake, in words: `retry: attempts must be …`. */
export function optionMistakes(
  owner: string,
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
): string[] {
  const mistake = isObject(options)
  if (mistake !== undefined) return [`${owner}: the options ${mistake}`]
  return Object.entries(options as object).flatMap(([name, value]) => {
    if (value === undefined) return []
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    const mistake = check ? check(value) : `is no option; the options are ${Object.keys(checks).join(', ')}`
    return mistake === undefined ? [] : [`${owner}: ${name} ${mistake}`]
  })
}

function msFrom(leastMs: number): OptionCheck {
  return (value) =>
    typeof value === 'number' && value >= leastMs && value <= MOST_MS
      ? undefined
      : `must be milliseconds, from ${leastMs} to ${MOST_MS}`
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  return methods.every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function')
}
