import { type ErrorEvent, truncateEvent } from '@faultline/protocol'
import { mendText } from './mend-text.js'
import type { NormaliseContext } from './normalise-context.js'

/** The event cut to its limits, and its texts as every database and UTF-8 can hold them; the very same if there is nothing to do. */
export function withinLimits(event: ErrorEvent, { isFit }: NormaliseContext): ErrorEvent {
  const limited = truncateEvent(event)
  return isFit ? limited : mendText(limited) // in this order: mending walks as deep as the event is
}
