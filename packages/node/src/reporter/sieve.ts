import type { ErrorReport } from '@faultline/core'
import type { DropReason } from '../delivery/ledger.js'
import type { ReporterOptions } from './reporter-options.js'

/** Decides by the options alone whether an error goes no further, and why. */
export function createSieve({
  ignoreErrors = [],
  sampleRate = 1,
}: Pick<ReporterOptions, 'ignoreErrors' | 'sampleRate'>): (report: ErrorReport) => DropReason | undefined {
  const shareOf = (level: ErrorReport['level']) =>
    typeof sampleRate === 'number' ? sampleRate : (sampleRate[level] ?? 1)
  return (report) => {
    if (ignoreErrors.length > 0 && isIgnored(report, ignoreErrors)) return 'ignored'
    const share = shareOf(report.level)
    return share < 1 && Math.random() >= share ? 'sampled' : undefined
  }
}

function isIgnored({ exceptions, message }: ErrorReport, ignored: readonly (string | RegExp)[]): boolean {
  const [thrown] = exceptions
  const text = thrown === undefined ? (message ?? '') : `${thrown.type}: ${thrown.message}`
  // `search`, unlike `test`, does not mind an expression that remembers where it was
  return ignored.some((one) => (typeof one === 'string' ? text.includes(one) : text.search(one) !== -1))
}
