import type { ErrorReport, Reporter, RequestContext } from '@faultline/core'
import { levelOf } from '../event/fit-event.js'
import { reportCaught } from './report-caught.js'

/** What goes with an error that is reported by hand; it counts before the current context. */
export interface CaptureContext extends Pick<RequestContext, 'tags' | 'extra' | 'user' | 'tenant'> {
  /** Default: the problem's own, else `error`. */
  level?: ErrorReport['level'] | undefined
  /** What the collector is to group by; `{{ default }}` stands for what it would have taken. */
  fingerprint?: readonly string[] | undefined
  /** Default: the process's, which `createReporter` made. */
  reporter?: Reporter | undefined
}

/**
 * Reports an error by hand. The same error is reported once, also when it reaches a guard or the error handler later.
 * @param error Whatever was caught.
 * @returns The event's id, for the log or for the user; `undefined` without a reporter, of which the process is warned once. Never throws.
 */
export function captureError(error: unknown, context: CaptureContext = {}): string | undefined {
  try {
    const { level, fingerprint, reporter, tags, extra, user, tenant } = context
    const said = { tags, extra, user, tenant }
    const how = { mechanism: 'manual', level: levelOf(level), fingerprint, reporter } as const
    return reportCaught(error, { ...how, context: said })
  } catch {
    return reportCaught(error, { mechanism: 'manual' }) // a context that cannot be read
  }
}
