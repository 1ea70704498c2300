import type { ErrorEvent } from '@faultline/protocol'
import { EVENT_LIMITS } from '@faultline/protocol'
import { readUserAgent } from './user-agent.js'

/** What only the request that brought an event knew. */
export interface EnrichContext {
  ip?: string
  userAgent?: string
}

/** What asks for the address of whoever has sent the event. */
const FROM_SENDER = '{{auto}}'

/**
 * Adds what an event does not say itself: defaults, the sender's address where it asks for it, and its user's browser and system as tags.
 * What the client has said is never replaced.
 * @returns the very same object if there is nothing to add
 */
export function enrich(event: ErrorEvent, context: EnrichContext): ErrorEvent {
  const changes: Partial<ErrorEvent> = {}
  const release = event.release?.trim()
  if (event.service.trim() === '') changes.service = 'unknown'
  if (event.environment.trim() === '') changes.environment = 'production'
  if (release !== event.release || release === '') changes.release = release || undefined
  if (event.request?.ip === FROM_SENDER) changes.request = { ...event.request, ip: context.ip }
  const tags = withUserAgent(event, context)
  if (tags !== undefined) changes.tags = tags
  for (const _ in changes) return { ...event, ...changes }
  return event
}

function withUserAgent(event: ErrorEvent, context: EnrichContext): ErrorEvent['tags'] {
  const text = userAgentOf(event, context)
  if (text === undefined) return undefined
  const { browser, os } = readUserAgent(text)
  const tags = event.tags ?? {}
  const added: Record<string, string> = {}
  if (browser !== undefined && !Object.hasOwn(tags, 'browser')) added.browser = browser
  if (os !== undefined && !Object.hasOwn(tags, 'os')) added.os = os
  const count = Object.keys(added).length
  const hasRoom = count > 0 && Object.keys(tags).length + count <= EVENT_LIMITS.tags
  return hasRoom ? { ...tags, ...added } : undefined
}

/** Of the request it is about; what a browser reports is about itself. */
function userAgentOf({ request, platform }: ErrorEvent, context: EnrichContext): string | undefined {
  if (request?.userAgent !== undefined) return request.userAgent
  for (const name in request?.headers) if (name.toLowerCase() === 'user-agent') return request.headers[name]
  return platform === 'javascript' ? context.userAgent : undefined
}
