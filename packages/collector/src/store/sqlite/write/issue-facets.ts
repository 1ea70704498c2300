import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ErrorEvent } from '@faultline/protocol'
import { inAppFrames } from '../words.js'

const VALUES_OF_KEY = 100
/** Ten a day for half a year. */
const RELEASES = 2000
const KEYS_OF_ISSUE = 150
const VALUE_LENGTH = 1024

/** The values of each key that an issue has had. */
export interface Facets {
  /** By key and value: where its count is. */
  places: Map<string, Map<string, number>>
  /** Events and their like, by place: one list, written with its issue: a row each were a seventh of what a save costs. */
  counts: number[]
  /** Without a row yet. */
  unwritten: { key: string; value: string; place: number }[]
}

export function noFacets(): Facets {
  return { places: new Map(), counts: [], unwritten: [] }
}

/** What issues are filtered by, and what their most frequent values are shown of. */
export class IssueFacets {
  readonly #insert: StatementSync
  readonly #all: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT INTO issue_facets VALUES (?, ?, ?, ?)')
    this.#all = database.prepare('SELECT key, value, place FROM issue_facets WHERE issue_id = ?')
  }

  load(issueId: number, counts: number[]): Facets {
    const facets = { ...noFacets(), counts }
    for (const { key, value, place } of this.#all.all(issueId)) {
      placesOf(facets, String(key)).set(String(value), Number(place))
    }
    return facets
  }

  /** Writes the values that are new; their counts belong into the row of the issue. */
  flush(issueId: number, facets: Facets): void {
    for (const { key, value, place } of facets.unwritten) this.#insert.run(issueId, key, value, place)
    facets.unwritten = []
  }
}

/** Counts the facets of one event. @param isFirst only the first event of an issue is looked at for files and functions */
export function countFacets(facets: Facets, event: ErrorEvent, isFirst: boolean): void {
  const add = (key: string, value: string | undefined) => value && countFacet(facets, key, value)
  add('environment', event.environment)
  add('release', event.release)
  add('service', event.service)
  add('level', event.level)
  add('platform', event.platform)
  add('route', event.request?.route)
  add('http.status', statusOf(event)?.toString())
  if (isFirst) countFrames(facets, event)
  for (const [name, value] of Object.entries(event.tags ?? {})) add(`tag.${name}`, value)
}

function statusOf({ request, problem }: ErrorEvent): number | undefined {
  return request?.status ?? problem?.status
}

function countFrames(facets: Facets, event: ErrorEvent): void {
  for (const frame of inAppFrames(event)) {
    if (frame.file) countFacet(facets, 'file', frame.file)
    if (frame.function) countFacet(facets, 'function', frame.function)
  }
}

function countFacet(facets: Facets, key: string, text: string): void {
  const { counts, unwritten } = facets
  if (facets.places.size >= KEYS_OF_ISSUE && !facets.places.has(key)) return
  const places = placesOf(facets, key)
  const value = text.length > VALUE_LENGTH ? text.slice(0, VALUE_LENGTH) : text
  const place = places.get(value)
  if (place !== undefined) counts[place] = (counts[place] ?? 0) + 1
  else if (places.size < (key === 'release' ? RELEASES : VALUES_OF_KEY)) {
    unwritten.push({ key, value, place: counts.length })
    places.set(value, counts.length)
    counts.push(1)
  }
}

function placesOf({ places }: Facets, key: string): Map<string, number> {
  const known = places.get(key)
  if (known !== undefined) return known
  const none = new Map<string, number>()
  places.set(key, none)
  return none
}
