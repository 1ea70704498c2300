import { countOf, recordOf, type Said, textOf } from '../untrusted.js'
import { readViolation } from './read-violation.js'
import { frameOf, type SecurityReport, withoutQuery } from './security-report.js'

/** The reports of one host that may fail: header, member of the payload, what is said of it. */
const HOST_REPORTS = [
  ['Expect-CT', 'expect-ct-report', 'Expect-CT failed'],
  ['Expect-Staple', 'expect-staple-report', 'Expect-Staple failed'],
] as const

export function readReport(said: Said): SecurityReport {
  const violation = recordOf(said['csp-report'])
  if (violation !== undefined) return { ...readViolation(violation), ageMs: 0 }
  for (const [type, member, message] of HOST_REPORTS) {
    const details = recordOf(said[member])
    if (details !== undefined) return hostReport(type, message, details)
  }
  if (said['known-pins'] !== undefined || said['noted-hostname'] !== undefined)
    return hostReport('HPKP', 'Public key pinning failed', said)
  return readGeneric(said)
}

/** One of the Reporting API: `{ type, url, user_agent, age, body }`. */
function readGeneric(said: Said): SecurityReport {
  const body = recordOf(said.body) ?? {}
  const userAgent = textOf(said.user_agent)
  const wrapper = { ageMs: countOf(said.age) ?? 0, ...(userAgent !== undefined && { userAgent }) }
  const type = textOf(said.type) ?? 'report'
  const url = withoutQuery(textOf(said.url) ?? textOf(body.documentURL))
  if (type === 'csp-violation') return { ...readViolation({ documentURL: url, ...body }), ...wrapper }
  const id = textOf(body.id) ?? textOf(body.policyId) ?? textOf(body.type) ?? textOf(body.reason) ?? ''
  return {
    type,
    message: textOf(body.message) ?? id,
    fingerprint: [type, id],
    tags: {},
    ...(url !== undefined && { url }),
    frames: frameOf(body),
    details: said,
    ...wrapper,
  }
}

function hostReport(type: string, message: string, details: Said): SecurityReport {
  const host = textOf(details.hostname) ?? ''
  const port = textOf(details.port)
  const at = textOf(details['date-time'])
  return {
    type,
    message: `${message} for '${host}'`,
    fingerprint: [type, host],
    tags: { hostname: host, ...(port !== undefined && { port }) },
    frames: [],
    details,
    ageMs: 0,
    ...(at !== undefined && { at }),
  }
}
