import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ErrorEvent } from '@faultline/protocol'
import { inAppFrames } from '../words.js'

const VALUES_OF_KEY = 100
const KEYS_OF_ISSUE = 150
const VALUE_LENGTH = 1024

/** The values of each key that an issue has rows for, and how often each has come up since they were written. */
export type FacetCounts = Map<string, Map<string, number>>

/** What issues are filtered by, and what their most frequent values are shown of. */
export class IssueFacets {
  readonly #add: StatementSync
  readonly #all: StatementSync

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      'INSERT INTO issue_facets VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
    )
    this.#all = database.prepare('SELECT key, value FROM issue_facets WHERE issue_id = ?')
  }

  load(issueId: number): FacetCounts {
    const counts: FacetCounts = new Map()
    for (const { key, value } of this.#all.all(issueId)) countFacet(counts, String(key), String(value), 0)
    return counts
  }

  flush(issueId: number, counts: FacetCounts): void {
    for (const [key, values] of counts) {
      for (const [value, count] of values) {
        if (count === 0) continue
        this.#add.run(issueId, key, value, count)
        values.set(value, 0)
      }
    }
  }
}

/** Counts the facets of one event. @param isFirst only the first event of an issue is looked at for files and functions */
export function countFacets(counts: FacetCounts, event: ErrorEvent, isFirst: boolean): void {
  const add = (key: string, value: string | undefined) => value && countFacet(counts, key, value, 1)
  add('environment', event.environment)
  add('release', event.release)
  add('service', event.service)
  add('level', event.level)
  add('platform', event.platform)
  add('route', event.request?.route)
  add('http.status', statusOf(event)?.toString())
  if (isFirst) countFrames(counts, event)
  for (const [name, value] of Object.entries(event.tags ?? {})) add(`tag.${name}`, value)
}

function statusOf({ request, problem }: ErrorEvent): number | undefined {
  return request?.status ?? problem?.status
}

function countFrames(counts: FacetCounts, event: ErrorEvent): void {
  for (const frame of inAppFrames(event)) {
    if (frame.file) countFacet(counts, 'file', frame.file, 1)
    if (frame.function) countFacet(counts, 'function', frame.function, 1)
  }
}

function countFacet(counts: FacetCounts, key: string, text: string, count: number): void {
  const value = text.length > VALUE_LENGTH ? text.slice(0, VALUE_LENGTH) : text
  let values = counts.get(key)
  if (values === undefined) {
    if (counts.size >= KEYS_OF_ISSUE) return
    values = new Map()
    counts.set(key, values)
  }
  const before = values.get(value)
  if (before !== undefined) values.set(value, before + count)
  else if (values.size < VALUES_OF_KEY) values.set(value, count)
}
