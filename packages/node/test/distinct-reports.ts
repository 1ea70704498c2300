import type { ErrorReport } from '@faultline/core'
import { thrownReport } from '@faultline/core/adapter'

let made = 0

/** The report of an error that is like no other: thrown from a place of its own. */
export function distinctReport(message = 'Out of lamps'): ErrorReport {
  made++
  return reportFrom(made, message)
}

/** As many. */
export function distinctReports(count: number): ErrorReport[] {
  return Array.from({ length: count }, () => distinctReport())
}

/** The report of an error from one place: those of one place are equal. */
export function reportFrom(place: number | string, message = 'Out of lamps', thrown?: unknown): ErrorReport {
  const error = thrown ?? new Error(message)
  if (thrown === undefined) {
    const frames = Array.from(
      { length: 8 },
      (_, at) => `    at step${at}Of${place} (/srv/shop/step-${at}.js:${at + 1}:7)`,
    )
    Object.defineProperty(error, 'stack', { value: [`Error: ${message}`, ...frames].join('\n') })
  }
  return thrownReport(error, { mechanism: 'manual', handled: true })
}
