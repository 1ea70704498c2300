import type { ErrorReport, Reporter } from '../reporting/reporter.js'

/** A reporter that sends nothing and remembers everything. */
export interface RecordingReporter extends Reporter {
  readonly reports: ErrorReport[]
  readonly requests: { route: string; statusCode: number }[]
  readonly isClosed: boolean
  countRequest(route: string, statusCode: number): void
  /** Forgets what was recorded. */
  clear(): void
}

/** A reporter for tests: look at `reports` and `requests`. */
export function recordingReporter(): RecordingReporter {
  const reports: ErrorReport[] = []
  const requests: { route: string; statusCode: number }[] = []
  let isClosed = false
  return {
    reports,
    requests,
    get isClosed() {
      return isClosed
    },
    report: (report) => void reports.push(report),
    countRequest: (route, statusCode) => void requests.push({ route, statusCode }),
    flush: async () => true,
    close: async () => {
      isClosed = true
      return true
    },
    clear: () => {
      reports.length = 0
      requests.length = 0
    },
  }
}
