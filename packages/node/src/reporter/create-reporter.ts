import type { ErrorReport, Reporter } from '@faultline/core'
import { Ledger, type ReporterStats } from '../delivery/ledger.js'
import type { CountedError } from '../delivery/storm-control.js'
import { CollectorReporter } from './collector-reporter.js'
import { currentReporter, giveUpCurrentReporter, markIdle, setCurrentReporter } from './current-reporter.js'
import type { ReporterOptions } from './reporter-options.js'
import { reporterSettings } from './reporter-settings.js'

/** A reporter that sends to a collector, or to any server that speaks Sentry's protocol. */
export interface NodeReporter extends Reporter {
  report(report: ErrorReport): void
  /** What became of everything that was reported so far. */
  stats(): ReporterStats
  /** The newest 100 errors that were counted instead of sent, and the event that each is counted under. */
  lastCounted(): readonly CountedError[]
}

/**
 * Makes a reporter, and makes it the process's own if there is none. It slows nothing, throws nothing, and drops nothing without
 * saying so.
 * @param options All optional; several have a variable of the environment as their default.
 * @throws InvalidConfiguration naming every mistake.
 */
export function createReporter(options: ReporterOptions = {}): NodeReporter {
  const settings = reporterSettings(options)
  const reporter = settings === undefined ? idleReporter() : new CollectorReporter(options, settings)
  if (currentReporter() === undefined) setCurrentReporter(reporter)
  return reporter
}

/** Takes what it is given, and does nothing. */
function idleReporter(): NodeReporter {
  const reporter: NodeReporter = {
    report: () => undefined,
    flush: async () => true,
    close: async () => {
      giveUpCurrentReporter(reporter)
      return true
    },
    stats: () => new Ledger().stats,
    lastCounted: () => [],
  }
  markIdle(reporter)
  return reporter
}
