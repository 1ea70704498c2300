import type { ErrorEvent } from '@faultline/protocol'
import type { SeverityRule } from '../../config.js'
import type { Severity } from '../../store/store.js'

/** A page goes on after what nobody has caught. */
const BROWSER = 'javascript'
const PRODUCTION = /^prod(?:uction)?$/i

/** Tells how bad an event is: as it says itself, else by the first rule that matches, else by default. */
export function createGrader(rules: readonly SeverityRule[]): (event: ErrorEvent) => Severity {
  return (event) =>
    event.severity ?? rules.find((rule) => matches(rule, event))?.severity ?? defaultSeverity(event)
}

function matches(rule: SeverityRule, event: ErrorEvent): boolean {
  const { severity: _, statusFrom, type, ...wanted } = rule
  if (statusFrom !== undefined && !((statusOf(event) ?? 0) >= statusFrom)) return false
  if (type !== undefined && type !== event.exceptions[0]?.type) return false
  return (Object.keys(wanted) as (keyof typeof wanted)[]).every(
    (name) => wanted[name] === undefined || wanted[name] === event[name],
  )
}

function defaultSeverity(event: ErrorEvent): Severity {
  const { level, handled, mechanism, platform, environment } = event
  const isCrash = mechanism === 'process' && !handled && platform !== BROWSER
  if (level === 'fatal' || isCrash) return 'critical'
  if (isFailure(event)) return PRODUCTION.test(environment) ? 'high' : 'medium'
  return level === 'error' ? 'medium' : 'low'
}

/** Nobody has dealt with it. An error handler counts as nobody, but what it answers below 500 is the client's mistake. */
function isFailure(event: ErrorEvent): boolean {
  const status = statusOf(event)
  return status === undefined ? !event.handled : status >= 500
}

function statusOf({ request, problem }: ErrorEvent): number | undefined {
  return request?.status ?? problem?.status
}
