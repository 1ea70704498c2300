import type { ErrorReport, Reporter } from '@faultline/core'
import {
  knownEventId,
  newEventId,
  rememberEventId,
  type ThrownReportOptions,
  thrownReport,
} from '@faultline/core/adapter'
import { currentReporter, isIdle } from '../reporter/current-reporter.js'

/** How a caught error is told. */
export interface Caught extends Pick<ThrownReportOptions, 'level' | 'fingerprint' | 'context'> {
  mechanism: 'guard' | 'manual'
  /** Default: the process's. */
  reporter?: Reporter | undefined
}

const warned = new Set<string>()
/** The id under which each reporter was told of an error. */
const toldOf = new WeakMap<Reporter, WeakMap<object, string>>()

/**
 * Reports what was caught, once to each reporter, however many guards it passes.
 * @returns The event's id; `undefined` when there is no reporter. Never throws.
 */
export function reportCaught(thrown: unknown, { reporter, ...caught }: Caught): string | undefined {
  const chosen = reporter ?? currentReporter()
  if (chosen === undefined) {
    warnOnce(
      'Nothing reports errors: no reporter was given, and there is none that createReporter made and nobody has closed.',
    )
    return undefined
  }
  const known = knownEventId(thrown)
  if (known !== undefined && toldOf.get(chosen)?.get(thrown as object) === known) return known
  const id = known ?? newEventId()
  const isTold = isIdle(chosen) || tell(chosen, thrownReport(thrown, { handled: true, ...caught, id }))
  if (!isTold) return known
  if (known === undefined) rememberEventId(thrown, id)
  rememberTold(chosen, thrown, id)
  return id
}

function rememberTold(reporter: Reporter, thrown: unknown, id: string): void {
  if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) return
  let told = toldOf.get(reporter)
  if (told === undefined) {
    told = new WeakMap()
    toldOf.set(reporter, told)
  }
  told.set(thrown, id)
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
