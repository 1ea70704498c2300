import { isErrorStatus } from '../catalogue/status-codes.js'
import type { Complain } from '../handler/ask.js'
import type { TrustStatus } from '../handler/options.js'
import type { Thrown } from '../thrown/thrown.js'

/** Tells of a status that was not believed. */
export type WarnOfDistrust = (thrown: Thrown, status: number, warn: Complain) => void

/** What HTTP clients leave on their errors: the status of such a one is our upstream's answer to us, not ours to our client. */
const UPSTREAM_MARKS = ['response', 'request', 'config', 'isAxiosError']

/** The status that an error of no known library claims, whether it is believed or not. */
export function claimedStatus(thrown: Thrown): number | undefined {
  if (!thrown.isError) return undefined
  const status = thrown.read('status')
  if (isErrorStatus(status)) return status
  const statusCode = thrown.read('statusCode')
  return status === undefined && isErrorStatus(statusCode) ? statusCode : undefined
}

/** Is the claim to be believed? `plain`: an error that is exactly an `Error`, in whatever realm, without marks of an upstream. */
export function isStatusTrusted(thrown: Thrown, trust: TrustStatus): boolean {
  if (typeof trust === 'boolean') return trust
  return isPlainError(thrown) && !UPSTREAM_MARKS.some((mark) => thrown.has(mark))
}

function isPlainError(thrown: Thrown): boolean {
  const prototype = thrown.prototype()
  if (prototype === Error.prototype) return true
  const ofClass = thrown.read('constructor')
  if (typeof prototype !== 'object' || prototype === null || typeof ofClass !== 'function') return false
  try {
    // Error.prototype of another realm: its class is named Error and nothing but Object stands above it
    const above = Object.getPrototypeOf(prototype)
    return (
      ofClass.name === 'Error' && ofClass.prototype === prototype && Object.getPrototypeOf(above) === null
    )
  } catch {
    return false
  }
}

/** One warning a class: an upstream's 401 must not log our client out, yet nobody should have to guess why it became a 500. */
export function distrustWarnings(): WarnOfDistrust {
  const warned = new WeakSet<object>()
  return (thrown, status, warn) => {
    const prototype = thrown.prototype()
    if (prototype == null || warned.has(prototype)) return
    warned.add(prototype)
    const name = thrown.typeName()
    warn(
      'trustStatus',
      new TypeError(
        `The status ${status} of a ${name} was not believed, for it may be an upstream's; the client got a 500. ` +
          `If it is your own class, add mapError(${name}, …) to the option mappings, or set trustStatus: true`,
      ),
    )
  }
}
