import type { ErrorEvent } from '@faultline/protocol'
import { firstId } from './event-id.js'
import type { NormaliseContext } from './normalise-context.js'
import { readReport } from './security-report/read-report.js'
import { occurred } from './times.js'
import { compact, recordOf } from './untrusted.js'
import { withinLimits } from './within-limits.js'

/**
 * Makes an error event of what a browser reports by itself: a violation of a content security policy (`report-uri` and `report-to`),
 * Expect-CT, Expect-Staple, key pinning, or another report of the Reporting API. Like ones get one fingerprint.
 * @param payload one report: of the list that `report-to` sends, one of its items
 * @throws TypeError when it is no object
 * @see https://www.w3.org/TR/CSP3/#deprecated-serialize-violation
 * @see https://www.w3.org/TR/reporting-1/#serialize-reports
 */
export function normaliseSecurityReport(payload: unknown, context: NormaliseContext): ErrorEvent {
  const said = recordOf(payload)
  if (said === undefined) throw new TypeError('A report is an object.')
  const report = readReport(said)
  const userAgent = report.userAgent ?? context.userAgent
  const time = occurred(report.at ?? context.receivedAt / 1000 - report.ageMs / 1000, context.receivedAt)

  return withinLimits(
    compact<ErrorEvent>({
      id: firstId(context.eventId),
      occurredAt: time.at,
      level: 'warning',
      handled: true,
      mechanism: 'manual',
      platform: 'javascript',
      service: 'unknown',
      environment: 'production',
      exceptions: [{ type: report.type, message: report.message, frames: report.frames }],
      request: compact({ url: report.url, ip: '{{auto}}', userAgent }),
      tags: report.tags,
      extra: { report: report.details },
      fingerprint: report.fingerprint,
      sdk: { name: 'browser', version: '' },
    }),
    context,
  )
}
