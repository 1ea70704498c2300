import type { JsonBudget } from './json-budget.js'
import { attempt, readProperty } from './thrown.js'

/** Anything that JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What replaces or hides values on the way: the redactor, where secrets must not pass. */
export interface Filter {
  text(text: string): string
  isSensitiveKey(key: string): boolean
}

/** The value that stands for a hidden one. */
const FILTERED = '[Filtered]'
const MAX_DEPTH = 8
const MAX_MEMBERS = 1000

/** Names that mean something else to an object than to JSON; an object with such a member pollutes whoever merges it. */
const UNSAFE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

export function isUnsafeName(name: string): boolean {
  return UNSAFE_NAMES.has(name)
}

/**
 * A plain copy of anything, in at most the budget: what JSON cannot say is replaced (BigInt and Date by their text, Map and Set by
 * object and array, a circle by `[Circular]`) or left out (functions, symbols, what throws). `undefined` means: leave it out.
 */
export function plainJson(value: unknown, budget: JsonBudget, filter?: Filter): Json | undefined {
  return copy(value, { budget, filter, above: [] })
}

interface Walk {
  budget: JsonBudget
  filter: Filter | undefined
  /** The objects that the current one stands in. */
  above: object[]
}

function copy(value: unknown, walk: Walk): Json | undefined {
  switch (typeof value) {
    case 'string':
      return copyText(value, walk)
    case 'number':
      walk.budget.spend(24)
      return Number.isFinite(value) ? value : null
    case 'boolean':
      walk.budget.spend(5)
      return value
    case 'bigint':
      return walk.budget.clip(value.toString())
    case 'object':
      return value === null ? null : copyObject(value, walk)
    default:
      return undefined
  }
}

function copyText(text: string, { budget, filter }: Walk): string {
  return budget.clip(filter ? filter.text(budget.worthwhile(text)) : text)
}

function copyObject(value: object, walk: Walk): Json | undefined {
  if (walk.above.includes(value)) return '[Circular]'
  if (walk.above.length >= MAX_DEPTH) return '[Deeper]'
  if (walk.budget.isSpent) return undefined
  walk.above.push(value)
  const json = attempt(() => copyKnown(value, walk))
  walk.above.pop()
  return json
}

function copyKnown(value: object, walk: Walk): Json | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Map) return copyEntries(value.entries(), walk)
  if (Array.isArray(value) || value instanceof Set) return copyItems(value, walk)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  const toJson = readProperty(value, 'toJSON')
  if (typeof toJson === 'function') return copy(toJson.call(value), walk)
  return copyEntries(membersOf(value), walk)
}

function copyItems(items: Iterable<unknown>, walk: Walk): Json[] {
  const list: Json[] = []
  for (const item of items) {
    if (walk.budget.isSpent || list.length >= MAX_MEMBERS) break
    walk.budget.spend(1)
    list.push(copy(item, walk) ?? null)
  }
  return list
}

function copyEntries(entries: Iterable<[unknown, unknown]>, walk: Walk): { [key: string]: Json } {
  const object: { [key: string]: Json } = {}
  let members = 0
  for (const [key, value] of entries) {
    if (walk.budget.isSpent || members++ >= MAX_MEMBERS) break
    const name = typeof key === 'symbol' ? undefined : walk.budget.clip(String(key), 256)
    if (name === undefined || isUnsafeName(name)) continue
    const json = walk.filter?.isSensitiveKey(name) ? FILTERED : copy(value, walk)
    if (json !== undefined) object[name] = json
  }
  return object
}

function* membersOf(value: object): Iterable<[string, unknown]> {
  for (const key of Object.keys(value)) yield [key, readProperty(value, key)]
}
