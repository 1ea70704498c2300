import { ErrorEvent } from '@faultline/protocol'
import { canonicalId, firstId } from './event-id.js'
import type { NormaliseContext } from './normalise-context.js'
import { occurred } from './times.js'
import { withinLimits } from './within-limits.js'

const MEMBERS = new Set(Object.keys(ErrorEvent.properties))

/**
 * Makes all stored events alike: ids are lower-case UUIDs with hyphens, times are UTC with milliseconds, what is too long is cut, and
 * members that the protocol does not know are moved to `extra`. (Those inside of other members stay where they are.)
 * @param event without `eventMistakes`
 * @returns the very same object if there is nothing to do
 */
export function tidyNative(event: ErrorEvent, context: NormaliseContext): ErrorEvent {
  const id = canonicalId(event.id) ?? firstId(context.eventId)
  const { at, refused } = occurred(event.occurredAt, context.receivedAt)
  const isPlain = id === event.id && at === event.occurredAt && !hasUnknownMembers(event)
  if (isPlain) return withinLimits(event, context)

  const known: [string, unknown][] = []
  const extra = new Map(Object.entries(event.extra ?? {}))
  if (refused !== undefined) addTo(extra, 'clientTime', refused)
  for (const [name, value] of Object.entries(event)) {
    if (MEMBERS.has(name)) known.push([name, value])
    else addTo(extra, name, value)
  }
  const tidied: ErrorEvent = { ...(Object.fromEntries(known) as ErrorEvent), id, occurredAt: at }
  if (extra.size > 0) tidied.extra = Object.fromEntries(extra)
  return withinLimits(tidied, context)
}

function hasUnknownMembers(event: ErrorEvent): boolean {
  for (const name in event) if (!MEMBERS.has(name)) return true
  return false
}

/** What the client has put there itself is not replaced. */
function addTo(extra: Map<string, unknown>, name: string, value: unknown): void {
  let free = name
  while (extra.has(free)) free = `event.${free}`
  extra.set(free, value)
}
