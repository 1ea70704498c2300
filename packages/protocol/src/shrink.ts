import type { TSchema } from '@sinclair/typebox'
import type { CutPaths } from './cut-paths.js'
import { clipJsonText, isContainer, type JsonSizes, textBytes } from './json-size.js'
import { EVENT_LIMITS } from './limits.js'

// UTF-8 bytes. Where very many share too little, the first of them get this much each, and the rest nothing.
const LEAST_SHARE = 32
const LEAST_RECORD_SHARE = 256

/** A value, and where it stands in the event. */
interface Place {
  value: unknown
  /** What it must stay valid for; undefined for what is free of form. */
  schema: TSchema | undefined
  path: string
  depth: number
}

interface Member extends Place {
  /** Undefined for those together that the schema does not know. */
  key: string | undefined
  isRequired: boolean
  /** UTF-8 bytes of the key, its colon and a comma. */
  keyBytes: number
}

/**
 * Makes the JSON of a value fit into so many bytes, and keeps the value valid. Of the members of an object, and of the items of a
 * list, the biggest are cut, all of them to the same size; the small ones stay as they are.
 */
export class Shrinker {
  readonly #sizes: JsonSizes
  readonly #cuts: CutPaths

  constructor(sizes: JsonSizes, cuts: CutPaths) {
    this.#sizes = sizes
    this.#cuts = cuts
  }

  /** What fits of a value; undefined when nothing of it does. */
  shrink(place: Place, bytes: number): unknown {
    const { value, schema, path, depth } = place
    if (this.#sizeOf(place) <= bytes) return value
    if (typeof value === 'string') return isFixed(schema) ? undefined : this.#clip(value, bytes, path)
    if (!isContainer(value) || bytes < 2) return undefined
    if (depth >= EVENT_LIMITS.depth) return this.#clip('…', bytes, path)
    return Array.isArray(value)
      ? this.#shrinkList(value, place, bytes)
      : this.#shrinkMembers(value, place, bytes)
  }

  #shrinkMembers(value: object, place: Place, bytes: number): object | undefined {
    const members = membersOf(value, place)
    let left = bytes - 2
    const costs = members.map((member) => this.#sizeOf(member) + member.keyBytes)
    const share = Math.max(shareOf(costs, left), LEAST_SHARE)
    const kept: [string, unknown][] = []
    for (const member of members) {
      const shrunk = this.shrink(member, Math.min(left, share) - member.keyBytes)
      if (shrunk === undefined) {
        if (member.isRequired) return undefined
        this.#cuts.add(member.path)
        if (left < LEAST_SHARE) break
        continue
      }
      left -= this.#sizeOf({ ...member, value: shrunk }) + member.keyBytes
      if (member.key !== undefined) kept.push([member.key, shrunk])
      else for (const entry of Object.entries(shrunk as object)) kept.push(entry)
    }
    return Object.fromEntries(kept) // unlike an assignment it also makes a member `__proto__`
  }

  #shrinkList(list: readonly unknown[], { schema, path, depth }: Place, bytes: number): unknown[] {
    const itemAt = (index: number): Place => ({
      value: list[index] ?? null,
      schema: schema?.items,
      path: `${path}.${index}`,
      depth: depth + 1,
    })
    let left = bytes - 2
    const costs = list.map((value) => this.#sizes.of(value ?? null, EVENT_LIMITS.depth - depth - 1) + 1)
    const share = Math.max(shareOf(costs, left), list.some(isContainer) ? LEAST_RECORD_SHARE : LEAST_SHARE)
    const kept: [index: number, item: unknown][] = []
    for (const index of preferred(list.length, schema && path)) {
      const item = itemAt(index)
      const shrunk = this.shrink(item, Math.min(left, share) - 1)
      if (shrunk === undefined) break
      left -= this.#sizeOf({ ...item, value: shrunk }) + 1
      kept.push([index, shrunk])
    }
    if (kept.length < list.length) this.#cuts.add(path)
    return kept.sort(([one], [other]) => one - other).map(([, item]) => item)
  }

  #clip(text: string, bytes: number, path: string): string | undefined {
    const clipped = clipJsonText(text, bytes)
    if (clipped !== undefined) this.#cuts.add(path)
    return clipped
  }

  #sizeOf({ value, depth }: Place): number {
    return this.#sizes.of(value, EVENT_LIMITS.depth - depth)
  }
}

// Required ones first, so that the others take no room from them. Those unknown share as one: many of them starve nobody.
function membersOf(value: object, { schema, path, depth }: Place): Member[] {
  const known: Record<string, TSchema> = schema?.properties ?? {}
  const isFree = Object.keys(known).length === 0
  const isRequired = new Set<string>(schema?.required)
  const members: Member[] = []
  const rest: [string, unknown][] = []
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    if (member === undefined) continue
    const memberSchema = Object.hasOwn(known, key) ? known[key] : undefined
    if (!isFree && memberSchema === undefined) rest.push([key, member])
    else
      members.push({
        key,
        value: member,
        schema: memberSchema,
        path: path === '' ? key : `${path}.${key}`,
        depth: depth + 1,
        keyBytes: textBytes(key) + 2,
        isRequired: isRequired.has(key),
      })
  }
  members.sort((one, other) => Number(other.isRequired) - Number(one.isRequired))
  const together = { value: Object.fromEntries(rest), schema: undefined, path, depth, keyBytes: 0 }
  return rest.length === 0 ? members : [...members, { ...together, key: undefined, isRequired: false }]
}

/** A text that is no longer valid when it is cut. */
function isFixed(schema: TSchema | undefined): boolean {
  return schema?.pattern !== undefined || schema?.anyOf?.some((choice: TSchema) => 'const' in choice) === true
}

// The most that each may have so that all together fit, when those that need less take only what they need.
function shareOf(costs: readonly number[], room: number): number {
  const rising = Float64Array.from(costs).sort()
  let left = room
  for (const [index, cost] of rising.entries()) {
    const share = Math.floor(left / (rising.length - index))
    if (cost > share) return share
    left -= cost
  }
  return room
}

// Which items of a list are worth most: of frames those at both ends, of breadcrumbs the last.
function preferred(length: number, path: string | undefined): number[] {
  const indexes = Array.from({ length }, (_, index) => index)
  if (path === 'breadcrumbs') return indexes.reverse()
  if (!path?.endsWith('.frames')) return indexes
  return indexes.map((index) => (index % 2 === 0 ? index / 2 : length - (index + 1) / 2))
}
