import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'

const WINDOW_MS = 15 * 60_000
/** Of one account, from wherever. */
const ACCOUNT_FAILURES = 10
/** From one address, at whatever accounts: an office has one address. */
const ADDRESS_FAILURES = 50
const MAX_REMEMBERED = 10_000

export interface LoginAttempt {
  /** E-mail address. */
  account: string
  /** Of the client. */
  address: string
}

/** Counts failed logins, in memory. Times are milliseconds of a clock that never goes back. */
export interface LoginThrottle {
  /**
   * Counts as a failure until `succeeded` says otherwise, so that many at once are no way around.
   * @returns whole seconds to wait; 0 lets it through
   */
  attempt(attempt: LoginAttempt, clockMs: number): number
  succeeded(attempt: LoginAttempt): void
}

interface Failures {
  count: number
  sinceMs: number
}

export function createLoginThrottle(): LoginThrottle {
  const accounts = new LRUCache<string, Failures>({ max: MAX_REMEMBERED })
  const addresses = new LRUCache<string, Failures>({ max: MAX_REMEMBERED })
  return {
    attempt({ account, address }, clockMs) {
      const ofAccount = failuresOf(accounts, accountKey(account), clockMs)
      const ofAddress = failuresOf(addresses, networkOf(address), clockMs)
      const waitMs = Math.max(
        waitOf(ofAccount, ACCOUNT_FAILURES, clockMs),
        waitOf(ofAddress, ADDRESS_FAILURES, clockMs),
      )
      if (waitMs > 0) return Math.ceil(waitMs / 1000)
      ofAccount.count++
      ofAddress.count++
      return 0
    },
    succeeded({ account, address }) {
      accounts.delete(accountKey(account))
      const ofAddress = addresses.get(networkOf(address))
      if (ofAddress !== undefined) ofAddress.count--
    },
  }
}

function failuresOf(known: LRUCache<string, Failures>, key: string, clockMs: number): Failures {
  const found = known.get(key)
  if (found !== undefined && clockMs - found.sinceMs < WINDOW_MS) return found
  const none = { count: 0, sinceMs: clockMs }
  known.set(key, none)
  return none
}

function waitOf({ count, sinceMs }: Failures, limit: number, clockMs: number): number {
  return count < limit ? 0 : sinceMs + WINDOW_MS - clockMs
}

function accountKey(account: string): string {
  return account.trim().toLowerCase()
}

/** A client with IPv6 has at least a /64 of addresses to come from. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0')
  return [...first, ...zeros, ...last]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16))
    .join(':')
}
