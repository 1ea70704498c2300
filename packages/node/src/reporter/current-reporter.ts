import type { Reporter } from '@faultline/core'

let current: Reporter | undefined
const idle = new WeakSet<Reporter>()

/** The process's reporter: what reports by hand, guards and process hooks use when they are given none. */
export function currentReporter(): Reporter | undefined {
  return current
}

/** Makes a reporter the process's; `undefined` leaves it without one. */
export function setCurrentReporter(reporter: Reporter | undefined): void {
  current = reporter
}

/** Leaves the process without a reporter, if it is this one. */
export function giveUpCurrentReporter(reporter: Reporter): void {
  if (current === reporter) current = undefined
}

/** Says of a reporter that it does nothing with what it is given: nobody needs to make a report for it. */
export function markIdle(reporter: Reporter): void {
  idle.add(reporter)
}

export function isIdle(reporter: Reporter): boolean {
  return idle.has(reporter)
}
