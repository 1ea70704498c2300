import { type ErrorEvent, SEVERITIES } from '@faultline/protocol'
import { anyText, entriesOf, recordOf, type Said, textOf } from '../untrusted.js'
import { loggerOf } from './mechanism.js'
import { isOwnClient } from './own-client.js'
import { isRoute, transactionOf } from './request.js'

type Severity = NonNullable<ErrorEvent['severity']>

export interface Tags {
  tags?: Record<string, string>
  service?: string
  severity?: Severity
  tenant?: string
}

/** Where the system in `contexts.os` is the user's, not the server's. */
const CLIENT_PLATFORMS = new Set(['javascript', 'cocoa', 'objc', 'swift', 'dart'])

/**
 * The tags, and what is a member of its own here: `service`, and what our own client says in Sentry's words.
 * What people search for but Sentry keeps elsewhere becomes a tag too, if there is none of that name.
 */
export function tagsOf(said: Said): Tags {
  const tags = new Map<string, string>()
  for (const [key, value] of entriesOf(said.tags)) {
    const name = key.trim()
    const text = anyText(value)
    if (name !== '' && text !== undefined) tags.set(name, text)
  }
  const special = takeMembers(tags, said)
  for (const [name, value] of otherTags(said))
    if (value !== undefined && !tags.has(name)) tags.set(name, value)
  return tags.size === 0 ? special : { ...special, tags: Object.fromEntries(tags) }
}

function takeMembers(tags: Map<string, string>, said: Said): Tags {
  const members: Tags = {}
  const service = take(tags, 'service')?.trim()
  if (service) members.service = service
  if (!isOwnClient(said)) return members
  const severity = SEVERITIES.find((one) => one === tags.get('severity'))
  if (severity !== undefined) members.severity = severity
  const tenant = take(tags, 'tenant')
  if (tenant !== undefined) members.tenant = tenant
  tags.delete('severity')
  return members
}

function take(tags: Map<string, string>, name: string): string | undefined {
  const value = tags.get(name)
  tags.delete(name)
  return value
}

function otherTags(said: Said): [string, string | undefined][] {
  const contexts = recordOf(said.contexts)
  const isClient = CLIENT_PLATFORMS.has(textOf(said.platform) ?? '')
  return [
    ['logger', loggerOf(said)],
    ['dist', textOf(said.dist)],
    ['transaction', isRoute(said) ? undefined : transactionOf(said)],
    ['browser', nameAndVersion(contexts?.browser)],
    ['os', isClient ? nameAndVersion(contexts?.os) : undefined],
    ['device', isClient ? textOf(recordOf(contexts?.device)?.model) : undefined],
  ]
}

/** `Chrome 156`, `iOS 18.2`. */
function nameAndVersion(said: unknown): string | undefined {
  const record = recordOf(said)
  const name = textOf(record?.name)
  if (name === undefined) return undefined
  const version = textOf(record?.version)?.trim().split('.')
  return version === undefined ? name : `${name} ${version.slice(0, name.endsWith('OS') ? 2 : 1).join('.')}`
}
