import { createHash } from 'node:crypto'
import type { ScrubConfig } from '../../config.js'

const EMAIL = /^[^\s@"'<>;:/]{1,64}@[^\s@"'<>;:/]{1,189}$/
const IP = /^\[?[\da-f]{0,4}[.:][\da-f.:]{1,44}\]?(?:%\w{1,16})?(?::\d{1,5})?$/i
const SURELY_IP = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}(?::[\da-f]{0,4}){2,7})$/i
const HASHED = /^sha256:[\da-f]{12}$/

/**
 * Filters a member that is an address by what it is there for: by default it stays, in `user` and in `request.ip`. A hash is a
 * pseudonym: equal users stay equal, and whoever has the address can find it, as there is no key. Its twelve digits are never a card number.
 */
export function createAddressFilter({ emails, ips }: ScrubConfig, otherwise: (text: string) => string) {
  return (text: string, rule: 'email' | 'ip' | 'person'): string | undefined => {
    if (HASHED.test(text)) return text
    const isEmail = rule !== 'ip' && EMAIL.test(text)
    if (!isEmail && !(rule === 'ip' ? IP : SURELY_IP).test(text)) return otherwise(text)
    const policy = isEmail ? emails : ips
    if (policy === 'keep') return text
    return policy === 'drop' ? undefined : `sha256:${hashOf(text)}`
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text.toLowerCase()).digest('hex').slice(0, 12)
}
