import { CUT_PATHS_BYTES, CutPaths } from './cut-paths.js'
import { ErrorEvent, type ExceptionRecord } from './error-event.js'
import { clipText, JsonSizes, surelyFits } from './json-size.js'
import { EVENT_LIMITS } from './limits.js'
import { Shrinker } from './shrink.js'

/**
 * Brings an event under `EVENT_LIMITS`, whatever it holds, and lists in `truncated` what was cut. Texts that were cut end with `…`; of
 * too many frames the newest and the oldest are kept, of breadcrumbs the newest, of exceptions and tags the first. What is still too
 * long then loses the end of its biggest parts.
 * @param event plain data, as from `JSON.parse`; it is not changed.
 * @returns the very same object when there was nothing to cut.
 */
export function truncateEvent(event: ErrorEvent): ErrorEvent {
  const cuts = new CutPaths()
  const limited = withinCounts(event, cuts)
  const marked = cuts.isEmpty ? limited : { ...limited, truncated: cuts.after(event.truncated) }
  return fits(marked) ? marked : withinBytes(limited, cuts)
}

function fits(event: ErrorEvent): boolean {
  const { eventBytes, depth } = EVENT_LIMITS
  return surelyFits(event, eventBytes, depth) || new JsonSizes().of(event, depth) <= eventBytes
}

function withinBytes(event: ErrorEvent, cuts: CutPaths): ErrorEvent {
  const shrinker = new Shrinker(new JsonSizes(), cuts)
  const room = EVENT_LIMITS.eventBytes - CUT_PATHS_BYTES
  const value = { ...event, truncated: undefined }
  const shrunk = shrinker.shrink({ value, schema: ErrorEvent, path: '', depth: 0 }, room) as ErrorEvent
  return { ...shrunk, truncated: cuts.after(event.truncated) }
}

// Each of these gives back what it was given when there is nothing to cut.
function withinCounts(event: ErrorEvent, cuts: CutPaths): ErrorEvent {
  const message = event.message && clip(event.message, EVENT_LIMITS.messageLength, cuts, 'message')
  const exceptions = limitExceptions(event.exceptions, cuts)
  const breadcrumbs = event.breadcrumbs && limitBreadcrumbs(event.breadcrumbs, cuts)
  const tags = event.tags && limitTags(event.tags, cuts)
  if (cuts.isEmpty) return event
  return {
    ...event,
    exceptions,
    ...(message !== undefined && { message }),
    ...(breadcrumbs && { breadcrumbs }),
    ...(tags && { tags }),
  }
}

function limitExceptions(exceptions: ExceptionRecord[], cuts: CutPaths): ExceptionRecord[] {
  const isTooMany = exceptions.length > EVENT_LIMITS.exceptions
  if (isTooMany) cuts.add('exceptions')
  const kept = isTooMany ? withoutLostParents(exceptions.slice(0, EVENT_LIMITS.exceptions)) : exceptions
  return isTooMany || kept.some(isTooLong) ? kept.map((one, index) => limitException(one, index, cuts)) : kept
}

function isTooLong({ message, frames }: ExceptionRecord): boolean {
  return message.length > EVENT_LIMITS.messageLength || frames.length > EVENT_LIMITS.frames
}

function limitException(exception: ExceptionRecord, index: number, cuts: CutPaths): ExceptionRecord {
  if (!isTooLong(exception)) return exception
  const path = `exceptions.${index}`
  const message = clip(exception.message, EVENT_LIMITS.messageLength, cuts, `${path}.message`)
  if (exception.frames.length <= EVENT_LIMITS.frames) return { ...exception, message }
  cuts.add(`${path}.frames`)
  const half = EVENT_LIMITS.frames / 2
  return {
    ...exception,
    message,
    frames: [...exception.frames.slice(0, half), ...exception.frames.slice(-half)],
  }
}

// An index that leads nowhere would make the collector look for what was cut.
function withoutLostParents(exceptions: ExceptionRecord[]): ExceptionRecord[] {
  const isLost = ({ parent }: ExceptionRecord) => parent !== undefined && parent >= exceptions.length
  if (!exceptions.some(isLost)) return exceptions
  return exceptions.map((exception) => {
    const { parent, ...orphan } = exception
    return isLost(exception) ? orphan : exception
  })
}

function limitBreadcrumbs<Breadcrumb>(breadcrumbs: Breadcrumb[], cuts: CutPaths): Breadcrumb[] {
  if (breadcrumbs.length <= EVENT_LIMITS.breadcrumbs) return breadcrumbs
  cuts.add('breadcrumbs')
  return breadcrumbs.slice(-EVENT_LIMITS.breadcrumbs)
}

function limitTags(tags: Record<string, string>, cuts: CutPaths): Record<string, string> {
  const entries = Object.entries(tags)
  const { tags: count, tagKeyLength, tagValueLength } = EVENT_LIMITS
  const isWithin = ([key, value]: [string, string]) =>
    key.length <= tagKeyLength && value.length <= tagValueLength
  if (entries.length <= count && entries.every(isWithin)) return tags

  if (entries.length > count) cuts.add('tags')
  const limited = new Map<string, string>()
  for (const [key, value] of entries.slice(0, count)) {
    const path = `tags.${clipText(key, tagKeyLength)}`
    const name = clip(key, tagKeyLength, cuts, path)
    // Two long names may begin alike: the first one has it.
    if (!limited.has(name)) limited.set(name, clip(value, tagValueLength, cuts, path))
  }
  return Object.fromEntries(limited)
}

function clip(text: string, maxLength: number, cuts: CutPaths, path: string): string {
  if (text.length > maxLength) cuts.add(path)
  return clipText(text, maxLength)
}
