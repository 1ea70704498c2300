import type { Understood, Wire } from './wire.js'

/** What a server answered, as far as it is read. */
export interface Answer {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Its beginning. */
  body: string
}

/** What became of a parcel. */
export type Outcome =
  | ({ kind: 'accepted'; pauseMs?: number } & Understood)
  | { kind: 'again'; why: string; retryAfterMs?: number; isBug?: boolean }
  | { kind: 'too-large' }
  | { kind: 'refused'; why: string }

/** Refusals that time may heal. A 404 is one: an ingress whose service is being replaced says so. */
const TEMPORARY = [404, 408, 425, 429]
/** Of the server, or of what stands before it and has seen it die: other parcels may not meet it. */
const BUGS = [500, 502]
const WHY_LENGTH = 200

/** @param now milliseconds since 1970, for dates in headers */
export function outcomeOf({ status, headers, body }: Answer, wire: Wire, now: number): Outcome {
  const why = `it answered ${status}${body === '' ? '' : `: ${body.slice(0, WHY_LENGTH)}`}`
  const pauseMs = retryAfterMs(headers['retry-after'], now)
  if (status >= 200 && status < 300) {
    const understood = wire.understand(body)
    if (understood === undefined)
      return { kind: 'again', why: `${why} (that is no answer of a collector)`, isBug: true }
    const limitMs = sentryLimitMs(headers['x-sentry-rate-limits'])
    return { kind: 'accepted', ...understood, ...(limitMs !== undefined && { pauseMs: limitMs }) }
  }
  if (status === 413) return { kind: 'too-large' }
  if (status >= 500 || TEMPORARY.includes(status)) {
    const orderedMs = pauseMs ?? sentryLimitMs(headers['x-sentry-rate-limits'])
    const isBug = BUGS.includes(status)
    return { kind: 'again', why, isBug, ...(orderedMs !== undefined && { retryAfterMs: orderedMs }) }
  }
  return { kind: 'refused', why }
}

/** Seconds or a date. @see RFC 9110 §10.2.3 */
function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** `60:error;default:key, 5::organization`: seconds, and categories, none of them meaning all. */
function sentryLimitMs(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined
  const limits = String(header)
    .split(',')
    .map((limit) => limit.trim().split(':'))
  const ours = limits.filter(([, categories = '']) => /^$|\b(?:error|default)\b/.test(categories))
  const seconds = ours.map(([text]) => Number(text)).filter((number) => number > 0)
  return seconds.length === 0 ? undefined : Math.max(...seconds) * 1000
}
