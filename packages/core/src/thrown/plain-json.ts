import { FILTERED } from '../redaction/filtered.js'
import type { JsonBudget } from './json-budget.js'
import { attempt, readProperty } from './thrown.js'

/** Anything that JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What hides values on the way: the redactor, where secrets must not pass. */
export interface Filter {
  text(text: string): string
  isSensitiveKey(key: string): boolean
}

const MAX_DEPTH = 12
const NAME_BYTES = 256
const NUMBER_BYTES = 24
/** Card numbers begin here, and the milliseconds of this century end before. */
const LEAST_CARD_NUMBER = 4e12

/** Names that mean something else to an object than to JSON; an object with such a member pollutes whoever merges it. */
const UNSAFE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** What an error does not name among its own keys. */
const ERROR_NAMES = ['name', 'message', 'stack', 'cause']

/** One or more e-mail or IP addresses, with or without ports, and nothing else. */
const ADDRESSES =
  /^(?:(?:[\w.+\u0080-\uffff-]+@[a-z\d-]+(?:\.[a-z\d-]+)+|\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|\[?[\da-f]{0,4}(?::[\da-f.]{0,15}){2,8}\]?(?::\d{1,5})?)(?:, ?(?=.)|$))+$/i
const ADDRESSES_LENGTH = 254

export function isUnsafeName(name: string): boolean {
  return UNSAFE_NAMES.has(name)
}

/**
 * A plain copy of anything, in at most the budget: what JSON cannot say is replaced (BigInt and Date by their text, Map and Set by
 * object and array, a circle by `[Circular]`) or left out (functions, symbols, what throws). `undefined` means: leave it out.
 * @param filter Hides secrets; with it, an error shows its message and stack too.
 */
export function plainJson(value: unknown, budget: JsonBudget, filter?: Filter): Json | undefined {
  return copy(value, { budget, filter, above: [] }, 'message')
}

/** How much may be written, and what not. */
export interface CopyRules {
  budget: JsonBudget
  filter: Filter | undefined
}

/** A plain copy of chosen members. */
export function plainMembers<Key>(
  keys: Iterable<Key>,
  read: (key: Key) => unknown,
  rules: CopyRules,
): { [name: string]: Json } {
  return copyMembers(keys, read, { ...rules, above: [] })
}

interface Walk extends CopyRules {
  /** The objects that the current one stands in. */
  above: object[]
}

function copy(value: unknown, walk: Walk, name: string): Json | undefined {
  switch (typeof value) {
    case 'string':
      return copyText(value, walk, name)
    case 'number':
      return copyNumber(value, walk)
    case 'boolean':
      walk.budget.spend(5)
      return value
    case 'bigint':
      return copyText(value.toString(), walk, name)
    case 'object':
      return value === null ? copyNull(walk) : copyObject(value, walk, name)
    default:
      return undefined
  }
}

function copyText(text: string, { budget, filter }: Walk, name: string): string {
  if (filter === undefined || isAddress(text, name)) return budget.clip(text)
  return budget.clip(filter.text(budget.worthwhile(text)))
}

/** A member that is an address is data, as `user.email` and `request.ip` are; one inside a sentence is a leak. */
function isAddress(text: string, name: string): boolean {
  return text.length <= ADDRESSES_LENGTH && name !== 'message' && name !== 'msg' && ADDRESSES.test(text)
}

function copyNumber(value: number, { budget, filter }: Walk): Json {
  budget.spend(NUMBER_BYTES)
  if (!Number.isFinite(value)) return null
  return filter && value >= LEAST_CARD_NUMBER && filter.text(String(value)) === FILTERED ? FILTERED : value
}

function copyNull({ budget }: Walk): null {
  budget.spend(4)
  return null
}

function copyObject(value: object, walk: Walk, name: string): Json | undefined {
  const { above, budget } = walk
  if (budget.isSpent) return undefined
  if (above.includes(value)) return budget.clip('[Circular]')
  if (above.length >= MAX_DEPTH) return budget.clip('[Deeper]')
  above.push(value)
  const json = attempt(() => copyKnown(value, walk, name))
  above.pop()
  return json
}

function copyKnown(value: object, walk: Walk, name: string): Json | undefined {
  if (value instanceof Date) return copyDate(value, walk)
  if (value instanceof Map) return copyMembers(value.keys(), (key) => value.get(key), walk)
  if (Array.isArray(value) || value instanceof Set) return copyItems(value, walk)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return walk.budget.clip(`[${value.byteLength} bytes]`)
  const toJson = readProperty(value, 'toJSON')
  if (typeof toJson === 'function') return copy(toJson.call(value), walk, name)
  return copyMembers(namesOf(value, walk), (name) => readProperty(value, name), walk)
}

/** Whatever methods of its own the date has. */
function copyDate(date: Date, walk: Walk): Json {
  const ms = Date.prototype.getTime.call(date)
  return Number.isNaN(ms) ? copyNull(walk) : walk.budget.clip(new Date(ms).toISOString())
}

function copyItems(items: Iterable<unknown>, walk: Walk): Json[] {
  const list: Json[] = []
  walk.budget.spend(2)
  for (const item of items) {
    if (walk.budget.isSpent) break
    walk.budget.spend(1)
    list.push(copy(item, walk, '') ?? copyNull(walk))
  }
  return list
}

function copyMembers<Key>(
  keys: Iterable<Key>,
  read: (key: Key) => unknown,
  walk: Walk,
): { [name: string]: Json } {
  const { budget, filter } = walk
  const object: { [name: string]: Json } = {}
  budget.spend(2)
  for (const key of keys) {
    if (budget.isSpent) break
    budget.spend(2) // the colon and the comma
    if (typeof key === 'symbol') continue
    const name = String(key)
    const clipped = budget.clip(name, NAME_BYTES)
    if (budget.isSpent || isUnsafeName(clipped)) continue
    const value = read(key)
    const isSecret = value !== undefined && value !== null && filter?.isSensitiveKey(name)
    const json = copy(isSecret ? FILTERED : value, walk, name)
    if (json !== undefined) object[clipped] = json
  }
  return object
}

function namesOf(value: object, { filter }: Walk): Iterable<string> {
  const names = Object.keys(value)
  return filter && value instanceof Error ? new Set([...ERROR_NAMES, ...names]) : names
}
