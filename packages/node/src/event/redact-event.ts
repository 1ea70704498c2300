import { type RedactOptions, redact } from '@faultline/core'
import { type ErrorEvent, type ExceptionRecord, truncateEvent } from '@faultline/protocol'
import { fitEvent, isObject } from './fit-event.js'

const FILTERED = '[Filtered]'
/** Ours: a key that is one of these names, or stands in one of them, means something of the application's. */
const OURS = [
  'id',
  'occurredAt',
  'level',
  'severity',
  'handled',
  'mechanism',
  'platform',
  'service',
  'environment',
  'release',
  'commit',
  'host',
  'runtime',
  'phase',
  'trace',
  'sdk',
  'truncated',
] as const

/**
 * Hides more in an event than core has hidden in its report. Keys hide in what is said, paths hide anything. What has no room for
 * `[Filtered]` is left out; what an event cannot be without stays as it was.
 */
export function createEventRedactor({
  keys = [],
  paths = [],
  off,
}: RedactOptions): (event: ErrorEvent) => ErrorEvent {
  const byPath = { paths, off: off ?? '' }
  const byKey = { keys, off: off ?? '' }
  return (whole) => {
    const event = truncateEvent(whole) // `redact` reads no more than that
    const shape = paths.length > 0 ? (redact(event, byPath) as ErrorEvent) : event
    const shown = keys.length > 0 ? withOurs(redact(shape, byKey) as ErrorEvent, shape) : shape
    const { id, occurredAt, level, handled, mechanism, platform, service, environment, sdk } = event
    return fitEvent(shown, { id, occurredAt, level, handled, mechanism, platform, service, environment, sdk })
  }
}

function withOurs(shown: ErrorEvent, shape: ErrorEvent): ErrorEvent {
  const ours = OURS.filter((name) => name in shape).map((name) => [name, shape[name]])
  const all = listOf(shown.exceptions)
  const exceptions = listOf(shape.exceptions).map((one, index) => exceptionOf(one, all[index]))
  return { ...shown, ...Object.fromEntries(ours), exceptions: exceptions as ExceptionRecord[] }
}

/** Its class and the places of its frames stay. */
function exceptionOf(one: unknown, said: unknown): object {
  const { message = FILTERED, code, meta, frames: sources } = membersOf(said)
  const frames = listOf(membersOf(one).frames).map((frame, index) => ({
    ...membersOf(frame),
    context: membersOf(listOf(sources)[index]).context,
  }))
  return { ...membersOf(one), message, code, meta, frames }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function membersOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? { ...value } : {}
}
