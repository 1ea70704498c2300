const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const YEAR_0_MS = -62_167_219_200_000
const YEAR_5138_MS = 100_000_000_000_000
/** Above it a number counts milliseconds, for as seconds it would be beyond the year 5138. */
const LEAST_MS = YEAR_5138_MS / 1000
const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)[t ](\d\d:\d\d(?::\d\d)?)(\.\d{1,9})?\d{0,20} ?(?:z|utc|([+-]\d\d):?(\d\d))?$/i

/** Milliseconds since 1970 of RFC 3339 (without a zone it is UTC), or of a number of seconds. */
export function readTime(said: unknown): number | undefined {
  const ms = typeof said === 'string' ? readText(said) : readNumber(said)
  return ms !== undefined && ms >= YEAR_0_MS && ms < YEAR_5138_MS ? ms : undefined
}

/** When it happened, in RFC 3339 with milliseconds and `Z`: as all times of stored events. */
export interface Occurred {
  at: string
  /** The client's time, where it cannot be and is replaced by that of receipt. */
  refused?: unknown
}

/** A clock that is a day fast or more is not believed; a slow one is, for events may have waited long. */
export function occurred(said: unknown, receivedAt: number): Occurred {
  const ms = readTime(said)
  if (ms === undefined || ms > receivedAt + DAY_MS) return { at: timeText(receivedAt), refused: said }
  return { at: isPlain(said) ? said : timeText(ms) }
}

/** As our own reporter writes it. */
function isPlain(said: unknown): said is string {
  return typeof said === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(said)
}

/** As `toISOString`, for years of four digits. A tenth of its cost where times are close together, as those of breadcrumbs are. */
export function timeText(ms: number): string {
  const minute = Math.floor(ms / MINUTE_MS)
  if (minute !== lastMinute.minute)
    lastMinute = { minute, text: new Date(minute * MINUTE_MS).toISOString().slice(0, 17) }
  const digits = String(100_000 + Math.floor(ms - minute * MINUTE_MS))
  return `${lastMinute.text}${digits.slice(1, 3)}.${digits.slice(3)}Z`
}

let lastMinute = { minute: Number.NaN, text: '' }

function readNumber(said: unknown): number | undefined {
  if (typeof said !== 'number' || !Number.isFinite(said)) return undefined
  return Math.round(Math.abs(said) > LEAST_MS ? said : said * 1000)
}

function readText(said: string): number | undefined {
  if (said.length > 50) return undefined
  if (isPlain(said)) return numberOrNone(Date.parse(said))
  const match = DATE_TIME.exec(said)
  if (match === null) return /^\d{1,13}(?:\.\d{1,9})?$/.test(said) ? readNumber(Number(said)) : undefined
  const [, date, time, fraction = '', hours, minutes] = match
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`
  return numberOrNone(Date.parse(`${date}T${time}${fraction.slice(0, 4)}${zone}`))
}

function numberOrNone(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : ms
}
