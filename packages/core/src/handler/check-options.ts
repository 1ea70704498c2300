import { coreErrors } from '../errors.js'
import { redactionProblems } from '../redaction/redact.js'
import type { ErrorHandlerOptions } from './options.js'

/** What is wrong with the value of an option, in words that follow its name; `undefined` if nothing is. */
export type OptionCheck = (value: unknown) => string | undefined

const isFunction: OptionCheck = (value) => (typeof value === 'function' ? undefined : 'must be a function')
export const isBoolean: OptionCheck = (value) =>
  typeof value === 'boolean' ? undefined : 'must be true or false'
const oneOf =
  (...allowed: readonly unknown[]): OptionCheck =>
  (value) =>
    allowed.includes(value)
      ? undefined
      : `must be one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}, not ${say(value)}`

/** What each option may be, except for undefined, which is always its default. */
const CHECKS: Readonly<Record<keyof ErrorHandlerOptions, OptionCheck>> = {
  problems: (value) => (isCatalogue(value) ? undefined : 'must be a catalogue made with defineProblems'),
  mappings: (value) =>
    Array.isArray(value) &&
    value.every((mapping) => typeof mapping?.matches === 'function' && typeof mapping.to === 'function')
      ? undefined
      : 'must be a list of what mapError, mapErrorWhen and validationErrors return',
  reporter: (value) =>
    ['report', 'flush', 'close'].every(
      (method) => typeof (value as Record<string, unknown> | null)?.[method] === 'function',
    )
      ? undefined
      : 'must have the methods report, flush and close',
  context: isFunction,
  customize: isFunction,
  redact: (value) => redactionProblems(value).join('; ') || undefined,
  debug: oneOf(true, false, 'even-in-production'),
  instance: isFunction,
  validationStatus: oneOf(400, 422),
  trustStatus: oneOf('plain', true, false),
  locale: isFunction,
  html: (value) => (typeof value === 'function' ? undefined : isBoolean(value)),
  legacyBody: (value) => (typeof value === 'function' ? undefined : oneOf('fastify', 'http-errors')(value)),
  shouldReport: isFunction,
  onHandled: isFunction,
  limits: checkLimits,
  captureStack: oneOf('unexpected', 'always'),
  asyncContext: isBoolean,
  logger: (value) =>
    value === false || typeof (value as { error?: unknown } | null)?.error === 'function'
      ? undefined
      : 'must be a logger with debug, info, warn and error, or false',
}

/** The least that still gives useful answers. */
const LEAST: Readonly<Record<string, number>> = { bodyBytes: 2048, logBytes: 2048, causes: 0, errors: 1 }

/**
 * Refuses options with mistakes.
 * @param more The options that an adapter has beside those of the error handler.
 * @throws InvalidOptions naming every mistake.
 */
export function checkOptions(options: unknown, more: Readonly<Record<string, OptionCheck>> = {}): void {
  const mistakes = optionMistakes(options, { ...CHECKS, ...more })
  if (mistakes.length > 0) throw new coreErrors.InvalidOptions({ mistakes })
}

function optionMistakes(options: unknown, checks: Readonly<Record<string, OptionCheck>>): string[] {
  if (typeof options !== 'object' || options === null) return ['the options must be an object']
  const mistakes: string[] = []
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    const mistake = check ? check(value) : `is no option; the options are ${Object.keys(checks).join(', ')}`
    if (mistake !== undefined) mistakes.push(`${name} ${mistake}`)
  }
  return mistakes
}

function isCatalogue(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(
      (Problem) => typeof Problem === 'function' && typeof Problem.definition?.status === 'number',
    )
  )
}

function checkLimits(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'must be an object'
  const mistakes: string[] = []
  for (const [name, limit] of Object.entries(value)) {
    const least = LEAST[name]
    if (least === undefined) mistakes.push(`has no ${name}, only ${Object.keys(LEAST).join(', ')}`)
    else if (limit !== undefined && !(Number.isInteger(limit) && limit >= least))
      mistakes.push(`.${name} must be a whole number from ${least}`)
  }
  return mistakes.join('; ') || undefined
}

function say(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : typeof value
}
