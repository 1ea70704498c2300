import { isIP } from 'node:net'

/** What Fastify's `trustProxy` knows by name. @see https://fastify.dev/docs/latest/Reference/Server/#trustproxy */
const NAMED = ['loopback', 'linklocal', 'uniquelocal']

/**
 * Whether Fastify understands it, which it would say only at its start, and in words of its own. A number of proxies is not among
 * it: Fastify 5 trusts nobody then, without a word, since whoever reaches the collector directly could say what he likes.
 */
export function isTrustProxy(value: boolean | string | string[]): boolean {
  if (typeof value === 'string') return value.split(',').every((one) => isAddress(one.trim()))
  return Array.isArray(value) ? value.every(isAddress) : true
}

/** `10.0.0.1`, `10.0.0.0/8`, `fd00::/8` or a name of many. */
function isAddress(text: string): boolean {
  if (NAMED.includes(text)) return true
  const [, address = '', prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  const longest = version === 4 ? 32 : 128
  return version !== 0 && (prefix === undefined || (Number(prefix) > 0 && Number(prefix) <= longest))
}
