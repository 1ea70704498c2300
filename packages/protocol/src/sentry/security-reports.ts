import { type EventPayload, isObject } from './event-payload.js'
import { parseLenientJson } from './lenient-json.js'

/** A browser sends a few at once. */
const MAX_REPORTS = 100

/**
 * The reports of a `/security/` body: one object (`csp-report`, `expect-ct-report`, `known-pins`, …), or the list of the Reporting API.
 * What of a list is no object is left out. `undefined` for what holds none.
 * @see https://www.w3.org/TR/reporting-1/#media-type
 */
export function parseSecurityReports(bytes: Uint8Array): EventPayload[] | undefined {
  try {
    const value = parseLenientJson(bytes)
    const reports = [value].flat().filter(isObject).slice(0, MAX_REPORTS)
    return reports.length === 0 ? undefined : reports
  } catch {
    return undefined
  }
}
