import { EVENT_ONLY_KEYS, isKeyName, type SearchKeyName } from '../../search/search-keys.js'
import type { ValueMatch } from '../../search/search-query.js'
import { BadRequestToStore } from '../../store.js'
import { keyWord, type WordKey } from '../words.js'
import { any, type Condition, where } from './condition.js'
import { eventsNamed } from './event-id.js'
import { holdsText, isNumber, isValue, textOf } from './matches.js'
import { eventsSaying, hasEvent } from './word-conditions.js'

/** An issue is new for a day. */
const NEW_MS = 86_400_000

type KeyCondition = (match: ValueMatch, now: number) => Condition

/** What a key asks of an issue `i`. What events have, such as a release, one of its events is to have. */
export function keyCondition(key: string, match: ValueMatch, now: number): Condition {
  return isKeyName(key) ? KEYS[key](match, now) : hasFacet(key, match)
}

/** What every issue has. */
const ALWAYS_THERE: readonly string[] = [
  'is',
  'status',
  'severity',
  'instance',
  'first',
  'last',
  'count',
  'project',
] satisfies SearchKeyName[]

/** An issue `i` has something under a key. @throws BadRequestToStore where only events know */
export function hasKey(key: string): Condition {
  if (EVENT_ONLY_KEYS.includes(key)) {
    throw new BadRequestToStore(`\`has:${key}\` can be asked of events, but not of issues.`)
  }
  if (ALWAYS_THERE.includes(key)) return where('1')
  if (key === 'user' || key === 'users') return where('i.user_count > 0')
  if (key === 'assigned') return where('i.assignee IS NOT NULL')
  if (key === 'type') return where(`i.type <> ''`)
  if (key === 'message') return where(`i.message <> ''`)
  return where('i.id IN (SELECT issue_id FROM issue_facets WHERE key = ?)', key)
}

/** One of its events had this value. */
export function hasFacet(key: string, match: ValueMatch): Condition {
  return facetIs(key, isValue('value', match))
}

const facet =
  (key: string): KeyCondition =>
  (match) =>
    hasFacet(key, match)

const exactly =
  (key: WordKey): KeyCondition =>
  (match) =>
    hasEvent(eventsSaying(keyWord(key, textOf(match))))

const column =
  (name: string): KeyCondition =>
  (match) =>
    isValue(name, match)

const number =
  (name: string): KeyCondition =>
  (match, now) =>
    isNumber(name, match, now)

const KEYS: Record<SearchKeyName, KeyCondition> = {
  is: isState,
  status: column('i.status'),
  severity: column('i.severity'),
  level: facet('level'),
  type: column('i.type'),
  message: (match) => any([holdsText('i.message', match), holdsText('i.title', match)]),
  file: facet('file'),
  function: facet('function'),
  service: facet('service'),
  environment: facet('environment'),
  release: facet('release'),
  user: exactly('user'),
  tenant: exactly('tenant'),
  assigned: column("coalesce(i.assignee, '')"),
  trace: exactly('trace'),
  instance: (match) => hasEvent(eventsNamed(textOf(match))),
  url: exactly('url'),
  route: facet('route'),
  'http.status': (match, now) => facetIs('http.status', isNumber('CAST(value AS INTEGER)', match, now)),
  first: number('i.first_seen_at'),
  last: number('i.last_seen_at'),
  count: number('i.event_count'),
  users: number('i.user_count'),
  project: isProject,
}

function facetIs(key: string, { sql, values }: Condition): Condition {
  return where(`i.id IN (SELECT issue_id FROM issue_facets WHERE key = ? AND ${sql})`, key, ...values)
}

function isState(match: ValueMatch, now: number): Condition {
  const state = textOf(match)
  if (state === 'new') return where('i.first_seen_at >= ?', now - NEW_MS)
  if (state === 'regressed') return where("i.regressed_at IS NOT NULL AND i.status = 'unresolved'")
  if (state === 'assigned') return where('i.assignee IS NOT NULL')
  if (state === 'unassigned') return where('i.assignee IS NULL')
  return where('i.status = ?', state)
}

/** By slug or by number. */
function isProject(match: ValueMatch): Condition {
  const slug = isValue('slug', match)
  const sql = `i.project_id IN (SELECT id FROM projects WHERE ${slug.sql} OR CAST(id AS TEXT) = ?)`
  return where(sql, ...slug.values, textOf(match))
}
