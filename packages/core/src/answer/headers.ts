// RFC 9110 §5.6.2 and §5.5; Node refuses what does not fit in latin1.
const TOKEN = /^[!#$%&'*+.^_`|~\dA-Za-z-]{1,256}$/
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const VALUE_BYTES = 8192
/** All of them together: clients refuse more than 16 KiB in a response, and the application has its own. */
const ALL_BYTES = 12_288
const ENTRIES = 64
/** Delay seconds or a date. @see RFC 9110 §10.2.3 */
const RETRY_AFTER = /^(?:\d{1,10}|[A-Z][a-z]{2}, [\w: ]{5,30} GMT)$/

const ALLOWED: ReadonlySet<string> = new Set([
  'retry-after',
  'www-authenticate',
  'proxy-authenticate',
  'allow',
  'accept',
  'accept-encoding',
  'accept-patch',
  'content-language',
  'link',
  'location',
  'dpop-nonce',
  'ratelimit',
  'deprecation',
  'sunset',
])
const ALLOWED_PREFIXES = /^(?:x-)?ratelimit-/

// What frames the message, stores a cookie or opens an origin is never an error's to say.
const FORBIDDEN =
  /^(?:access-control-.*|connection|content-(?:encoding|length|type)|date|host|keep-alive|proxy-connection|set-cookie2?|te|trailer|transfer-encoding)$/

/** May stand more than once, because a parser of one line would have to split it. */
const REPEATABLE = /^(?:www-authenticate|proxy-authenticate|link)$/

/**
 * What describes the response that was not sent, and is taken off it before a problem goes out. `content-range` stays
 * on a 416, `cache-control` is set anew.
 */
export const STALE_RESPONSE_HEADERS: readonly string[] = [
  'etag',
  'last-modified',
  'expires',
  'age',
  'accept-ranges',
  'cache-control',
  'cdn-cache-control',
  'surrogate-control',
  'content-encoding',
  'content-length',
  'content-type',
  'content-disposition',
  'content-location',
  'content-digest',
  'repr-digest',
  'digest',
  'content-range',
  'transfer-encoding',
  'trailer',
]
const STALE: ReadonlySet<string> = new Set(STALE_RESPONSE_HEADERS)

/** What the headers of an error are judged by. */
export interface HeaderContext {
  status: number
  /** Default: `1.1`. */
  httpVersion?: '1.1' | '2'
  /** Lower-case names that the problem's definition declares itself. */
  extra?: ReadonlySet<string>
}

type Drop = (name: string, why: string) => void

/**
 * The headers of an error that may go out, by lower-case name.
 * @param raw a plain object, pairs, a `Map` or `Headers`; anything else is no header
 * @param drop hears of every header that is left out, and why
 */
export function publicHeaders(
  raw: unknown,
  context: HeaderContext,
  drop: Drop,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  if (typeof raw !== 'object' || raw === null) return headers
  let bytes = 0
  for (const [rawName, value] of headerEntries(raw)) {
    if (value === undefined || value === null) continue
    const name = typeof rawName === 'string' ? rawName.toLowerCase() : ''
    const why = whyNameIsRefused(name, context)
    const text = why === undefined ? headerValue(name, value) : undefined
    bytes += name.length + String(text ?? '').length
    if (text !== undefined && bytes <= ALL_BYTES) addHeader(headers, name, text)
    else drop(TOKEN.test(name) ? name : '(unreadable)', why ?? 'its value is no valid header value')
  }
  if ('upgrade' in headers) headers.connection = 'upgrade'
  return headers
}

/**
 * The value of `Retry-After`: whole seconds, or else the date; `undefined` when neither is valid.
 * @see RFC 9110 §10.2.3
 */
export function retryAfter(seconds: unknown, at?: unknown): string | undefined {
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= Number.MAX_SAFE_INTEGER) {
    return String(Math.ceil(seconds))
  }
  try {
    const year = Date.prototype.getUTCFullYear.call(at as Date)
    // IMF-fixdate has four digits for the year.
    return year >= 1000 && year <= 9999 ? Date.prototype.toUTCString.call(at as Date) : undefined
  } catch {
    return undefined
  }
}

function whyNameIsRefused(name: string, { status, httpVersion, extra }: HeaderContext): string | undefined {
  if (!TOKEN.test(name)) return 'its name is no valid header name'
  if (ALLOWED.has(name) || ALLOWED_PREFIXES.test(name)) return undefined
  if (name === 'content-range') return status === 416 ? undefined : 'it belongs to 416 only'
  if (name === 'upgrade')
    return status === 426 && httpVersion !== '2' ? undefined : 'it belongs to 426 over HTTP/1 only'
  if (FORBIDDEN.test(name)) return 'an error cannot set it'
  if (!extra?.has(name)) return 'it is not on the list of error headers; a definition can declare it'
  return STALE.has(name) && name !== 'cache-control' ? 'it describes another response' : undefined
}

function headerValue(name: string, value: unknown): string | string[] | undefined {
  if (name === 'retry-after' && !RETRY_AFTER.test(String(value))) return undefined
  if (!Array.isArray(value)) return scalarValue(value)
  const values = value.slice(0, ENTRIES).map(scalarValue)
  if (values.length === 0 || values.includes(undefined)) return undefined
  return REPEATABLE.test(name) ? (values as string[]) : scalarValue(values.join(', '))
}

function scalarValue(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  if (typeof value !== 'string' || value.length > VALUE_BYTES || !FIELD_VALUE.test(value)) return undefined
  return value.trim()
}

function addHeader(headers: Record<string, string | string[]>, name: string, value: string | string[]): void {
  const before = headers[name]
  headers[name] = before !== undefined && REPEATABLE.test(name) ? [before, value].flat() : value
}

/** At most 64; a container that throws or goes on for ever keeps what it gave before. */
export function headerEntries(raw: object): [unknown, unknown][] {
  const entries: [unknown, unknown][] = []
  try {
    for (const [name, value] of iterableOf(raw)) {
      entries.push([name, value])
      if (entries.length === ENTRIES) break
    }
  } catch {}
  return entries
}

function iterableOf(raw: object): Iterable<[unknown, unknown]> {
  if (Array.isArray(raw)) return raw.filter((pair) => Array.isArray(pair) && pair.length === 2)
  if (Symbol.iterator in raw) return raw as Iterable<[unknown, unknown]>
  return ownEntries(raw)
}

function* ownEntries(raw: object): Generator<[string, unknown]> {
  for (const name of Object.keys(raw)) {
    try {
      yield [name, raw[name as never]]
    } catch {}
  }
}
