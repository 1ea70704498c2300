import { headerEntries, retryAfter } from '../answer/headers.js'
import { isObject } from '../thrown/thrown.js'
import type { Challenge, ResolvedDefinition } from './definition.js'
import type { ProblemOptions } from './problem-error.js'

type Headers = Record<string, string | string[]>

/** What of a definition or of a throw becomes a header. */
interface HeaderSource {
  headers?: Readonly<Record<string, string>>
  retryAfterSeconds?: number | undefined
  retryAt?: Date
  challenge?: Challenge | undefined
  allow?: readonly string[] | undefined
  upgrade?: string | undefined
}

/** The headers of a definition, or of a throw, under lower-case names. */
export function problemHeaders(source: HeaderSource, status: number): Headers {
  const headers: Headers = {}
  for (const [name, value] of isObject(source.headers) ? headerEntries(source.headers) : []) {
    if (typeof name === 'string' && value != null) headers[name.toLowerCase()] = value as string
  }
  const seconds = retryAfter(source.retryAfterSeconds, source.retryAt)
  if (seconds !== undefined) headers['retry-after'] = seconds
  if (source.challenge !== undefined) {
    const challenges = typeof source.challenge === 'string' ? source.challenge : [...source.challenge]
    headers[status === 407 ? 'proxy-authenticate' : 'www-authenticate'] = challenges
  }
  if (source.allow !== undefined) headers.allow = [source.allow].flat().join(', ')
  if (source.upgrade !== undefined) headers.upgrade = source.upgrade
  return headers
}

/** The definition's headers with those said at the throw, or `undefined` when the throw said nothing. */
export function ownHeaders(options: ProblemOptions, definition: ResolvedDefinition): Headers | undefined {
  const { headers, retryAfterSeconds, retryAt, challenge, allow, upgrade } = options
  const says = headers ?? retryAfterSeconds ?? retryAt ?? challenge ?? allow ?? upgrade
  if (says === undefined) return undefined
  return { ...definition.headers, ...problemHeaders(options, definition.status) }
}
