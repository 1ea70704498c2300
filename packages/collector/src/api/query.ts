import {
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  type TUnsafe,
  Type,
} from '@sinclair/typebox'
import { readAge, readTimeText, UNIT_MS } from '../store/search/time-text.js'
import { apiErrors } from './errors.js'

const MAX_LIMIT = 200
const DEFAULT_LIMIT = 50

/** A query string; a name that is not among these is refused (Fastify's validator would take it away in silence). */
export function queryOf<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { propertyNames: { enum: Object.keys(properties) } })
}

/** One of these words. */
export function oneOf<const Words extends readonly string[]>(words: Words): TUnsafe<Words[number]> {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: words })
}

/** Of every list. */
export const PAGE = {
  limit: Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
  cursor: Type.Optional(Type.String()),
}

/** What every list answers. */
export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) })
}

/** Of everything that can be had for one project. */
export const PROJECT = { project: Type.Optional(Type.Integer({ minimum: 0 })) }

/** RFC 3339, or so long ago: `-24h`. */
export const PERIOD = { since: Type.Optional(Type.String()), until: Type.Optional(Type.String()) }
const Period = Type.Object(PERIOD)

/** Milliseconds since 1970, where they are given. @throws QueryMistaken */
export function readPeriod(
  { since, until }: Static<typeof Period>,
  now: number,
): { since?: number; until?: number } {
  return {
    ...(since !== undefined && { since: readTime('since', since, now) }),
    ...(until !== undefined && { until: readTime('until', until, now) }),
  }
}

/** `90`, `30s`, `1m`, `1h`, `1d`, `1w`, in seconds. @throws QueryMistaken */
export function readStep(text: string): number {
  const [, digits, unit = 's'] = /^(\d{1,9})([smhdw])?$/.exec(text) ?? []
  const seconds = (Number(digits) * (UNIT_MS[unit] as number)) / 1000
  if (seconds > 0) return seconds
  throw new apiErrors.QueryMistaken({ detail: `step is a number of seconds, or like 1m, 1h or 1d: ${text}` })
}

/** A row's number, from a path; anything else is the id of nothing. */
export function readId(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** A `+` may have become a space. */
function readTime(name: string, text: string, now: number): number {
  const ageMs = readAge(text)
  const time = ageMs === undefined ? readTimeText(text.replace(' ', '+')) : now - ageMs
  if (time !== undefined && time >= 0) return time
  const detail = `${name} is a time as 2026-01-31T12:00:00Z, or so long ago as -24h: ${text}`
  throw new apiErrors.QueryMistaken({ detail })
}
