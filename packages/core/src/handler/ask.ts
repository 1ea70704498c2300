import { attempt, isObject, readProperty } from '../thrown/thrown.js'

/** Is told once of each callback of the application that fails. */
export type Complain = (what: string, error: unknown) => void

/**
 * Asks a callback of the application for a value. One that throws, or answers with a promise where a value is due, counts as having
 * said nothing; a rejection of that promise goes nowhere.
 */
export function ask<T>(what: string, callback: () => T, complain: Complain): T | undefined {
  try {
    const answer = callback()
    if (!isThenable(answer)) return answer
    swallow(answer)
    complain(what, new TypeError(`${what} returned a promise, but its value is needed at once`))
  } catch (error) {
    complain(what, error)
  }
  return undefined
}

/** Tells a callback something; it may answer with a promise, which nobody waits for. */
export function tell(what: string, callback: () => unknown, complain: Complain): void {
  try {
    const answer = callback()
    if (isThenable(answer)) answer.then(undefined, (error: unknown) => complain(what, error))
  } catch (error) {
    complain(what, error)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof readProperty(value, 'then') === 'function'
}

function swallow(promise: PromiseLike<unknown>): void {
  attempt(() => promise.then(undefined, () => undefined))
}
