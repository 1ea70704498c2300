/** pino's levels, lowest first, and the one above them all. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** From this level on a record is logged. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** pino's name for a level, in any case; `warning` is the wire's name for `warn`. `undefined` if it is none. */
export function logLevelOf(name: string): LogLevel | undefined {
  const lower = name.toLowerCase()
  return LOG_LEVELS.find((level) => level === (lower === 'warning' ? 'warn' : lower))
}
