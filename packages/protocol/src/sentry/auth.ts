import { parseDsn } from '../dsn.js'

/** Where a client may have put its key. */
export interface KeySources {
  /** `X-Sentry-Auth` */
  sentryAuth?: string
  /** `Authorization` */
  authorization?: string
  /** Of the URL, without the question mark. */
  query?: string
}

/**
 * The key that a request claims to have, however it says so; `undefined` without one. It may be anything: see `isPublicKey`.
 * @see https://develop.sentry.dev/sdk/foundations/transport/authentication/
 */
export function claimedKey({ sentryAuth, authorization, query }: KeySources): string | undefined {
  return (
    (sentryAuth && keyInPairs(sentryAuth)) ||
    (query && keyInQuery(query)) ||
    (authorization && keyInAuthorization(authorization)) ||
    undefined
  )
}

/** The key in the `dsn` of an envelope's header, which is where sentry-ruby has it. */
export function keyInDsn(dsn: unknown): string | undefined {
  if (typeof dsn !== 'string') return undefined
  try {
    return parseDsn(dsn).publicKey
  } catch {
    return undefined
  }
}

/** 32 hexadecimal digits. */
export function isPublicKey(key: string): boolean {
  return /^[\da-f]{32}$/i.test(key)
}

/** `Sentry sentry_version=7, sentry_key=…`: in any order, and with or without the blanks. */
function keyInPairs(pairs: string): string | undefined {
  return /(?:^|[\s,])sentry_key\s*=\s*"?([^\s,"]+)/i.exec(pairs)?.[1]
}

function keyInQuery(query: string): string | undefined {
  if (!query.includes('sentry_key=')) return undefined
  return new URLSearchParams(query).get('sentry_key') ?? undefined
}

function keyInAuthorization(authorization: string): string | undefined {
  const [, scheme = '', rest = ''] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(authorization) ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return rest.trim()
    case 'basic':
      return Buffer.from(rest, 'base64').toString().split(':', 1)[0]
    case 'sentry':
      return keyInPairs(rest)
    default:
      return undefined
  }
}
