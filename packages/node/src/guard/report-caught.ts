import type { ErrorReport, Reporter } from '@faultline/core'
import {
  knownEventId,
  rememberEventId,
  type ThrownReportOptions,
  thrownReport,
} from '@faultline/core/adapter'
import { currentReporter } from '../reporter/current-reporter.js'

/** How a caught error is told. */
export interface Caught extends Pick<ThrownReportOptions, 'level' | 'fingerprint' | 'context'> {
  mechanism: 'guard' | 'manual'
  /** Default: the process's. */
  reporter?: Reporter | undefined
}

const warned = new Set<string>()

/**
 * Reports what was caught, once however many guards it passes.
 * @returns The event's id; `undefined` when there is no reporter. Never throws.
 */
export function reportCaught(thrown: unknown, { reporter, ...caught }: Caught): string | undefined {
  const chosen = reporter ?? currentReporter()
  if (chosen === undefined) {
    warnOnce('Nothing reports errors: createReporter was not called, and no reporter was given.')
    return undefined
  }
  const known = knownEventId(thrown)
  if (known !== undefined) return known
  const report = thrownReport(thrown, { handled: true, ...caught })
  if (!tell(chosen, report)) return undefined
  rememberEventId(thrown, report.id)
  return report.id
}

function tell(reporter: Reporter, report: ErrorReport): boolean {
  try {
    reporter.report(report)
    return true
  } catch {
    warnOnce('The reporter throws: errors that were caught are not reported.')
    return false
  }
}

/** Libraries have no console, and a warning for each error would be a storm of its own. */
function warnOnce(message: string): void {
  if (warned.has(message)) return
  warned.add(message)
  process.emitWarning(message, { type: 'FaultlineWarning', code: 'FAULTLINE_REPORTER' })
}
