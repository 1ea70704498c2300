import type { ErrorReport } from '@faultline/core'

/**
 * Tells a reporter which reports to skip: an error that it was given before, by a guard or by hand, and that has now reached an error
 * handler under the same id. Each reporter has a check of its own, for what another one was given says nothing of it.
 */
export function createRepeatCheck(): (report: Pick<ErrorReport, 'id' | 'mechanism' | 'thrown'>) => boolean {
  const taken = new WeakMap<object, string>()
  return ({ id, mechanism, thrown }) => {
    if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) return false
    if (taken.get(thrown) === id) return true
    // An HTTP error ends in its handler, and a WeakMap costs the garbage collector a microsecond an entry.
    if (mechanism !== 'http') taken.set(thrown, id)
    return false
  }
}
