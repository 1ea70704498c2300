import { type ErrorEvent, LEVELS } from '@faultline/protocol'

type Level = ErrorEvent['level']

/** The names of Sentry's SDKs, of syslog and of the loggers that are joined to them. */
const BY_NAME: ReadonlyMap<string, Level> = new Map<string, Level>([
  ...LEVELS.map((level) => [level, level] as const),
  ['critical', 'fatal'],
  ['emergency', 'fatal'],
  ['alert', 'fatal'],
  ['panic', 'fatal'],
  ['err', 'error'],
  ['severe', 'error'],
  ['warn', 'warning'],
  ['notice', 'info'],
  ['log', 'info'],
  ['trace', 'debug'],
  ['verbose', 'debug'],
])

/** By name, or by number as in Python's `logging`: 40 is an error. */
export function levelOf(said: unknown): Level | undefined {
  const number = typeof said === 'string' && /^\d{1,3}$/.test(said) ? Number(said) : said
  if (typeof number === 'number') return levelOfNumber(number)
  return typeof said === 'string' && said.length < 20 ? BY_NAME.get(said.trim().toLowerCase()) : undefined
}

function levelOfNumber(number: number): Level | undefined {
  if (number >= 50) return 'fatal'
  if (number >= 40) return 'error'
  if (number >= 30) return 'warning'
  if (number >= 20) return 'info'
  return number > 0 ? 'debug' : undefined
}
