const WORST_BYTES = 6 // \u0000
const NUMBER_BYTES = 24 // -1.2345678901234567e-300
/** Braces, quotes, colon, comma, with some to spare. */
const NODE_BYTES = 5

/**
 * Whether a value's JSON surely fits into so many UTF-8 bytes. It counts the worst case for every text, which costs a small
 * part of what JSON.stringify costs; `false` means that it must be measured.
 */
export function surelyFits(value: unknown, bytes: number, depth: number): boolean {
  return spend(value, bytes, depth) >= 0
}

// What is left; less than nothing as soon as it is too much, or too deep.
function spend(value: unknown, bytes: number, depth: number): number {
  if (typeof value === 'string') return bytes - value.length * WORST_BYTES - NODE_BYTES
  if (typeof value !== 'object' || value === null) return bytes - NUMBER_BYTES
  if (depth === 0) return -1
  let left = bytes - NODE_BYTES
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i++) left = spend(value[i], left, depth - 1)
    return left
  }
  for (const key in value) {
    left =
      spend((value as Record<string, unknown>)[key], left - key.length * WORST_BYTES, depth - 1) - NODE_BYTES
    if (left < 0) break
  }
  return left
}

/** Measures JSON exactly; every object once, so that what is shared or cut step by step is not measured again. */
export class JsonSizes {
  readonly #sizes = new Map<object, number>()

  /** UTF-8 bytes of a value's JSON; Infinity when it is deeper than `depth`. What JSON leaves out has none. */
  of(value: unknown, depth: number): number {
    if (typeof value === 'string') return textBytes(value)
    if (!isContainer(value)) return scalarBytes(value)
    if (depth === 0) return Number.POSITIVE_INFINITY
    const known = this.#sizes.get(value)
    if (known !== undefined) return known
    this.#sizes.set(value, Number.POSITIVE_INFINITY) // a circle has no end
    const bytes = Array.isArray(value) ? this.#ofList(value, depth - 1) : this.#ofMembers(value, depth - 1)
    this.#sizes.set(value, bytes)
    return bytes
  }

  #ofList(list: readonly unknown[], depth: number): number {
    let bytes = Math.max(2, list.length + 1)
    for (const item of list) bytes += this.of(item, depth) || 4 // null
    return bytes
  }

  #ofMembers(members: object, depth: number): number {
    let bytes = 1
    for (const key of Object.keys(members)) {
      const size = this.of((members as Record<string, unknown>)[key], depth)
      if (size > 0) bytes += textBytes(key) + size + 2
    }
    return Math.max(2, bytes)
  }
}

/** UTF-8 bytes of a text in JSON, with its quotes. */
export function textBytes(text: string): number {
  let bytes = 2
  for (let i = 0; i < text.length; i++) bytes += unitBytes(text, i)
  return bytes
}

/** The text, or its beginning and `…`, in at most so many UTF-16 units. */
export function clipText(text: string, maxLength: number): string {
  return text.length > maxLength ? cut(text, maxLength - 1) : text
}

/** The text, or its beginning and `…`, in at most so many UTF-8 bytes of JSON; undefined when not even the mark has room. */
export function clipJsonText(text: string, bytes: number): string | undefined {
  if (text.length * WORST_BYTES + 2 <= bytes) return text
  let used = 2
  let fitting = -1 // units that leave room for the mark
  for (let i = 0; i < text.length; i++) {
    if (used + MARK_BYTES <= bytes) fitting = i
    used += unitBytes(text, i)
    if (used > bytes) return fitting < 0 ? undefined : cut(text, fitting)
  }
  return used <= bytes ? text : undefined
}

export function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const MARK_BYTES = 3 // …
function cut(text: string, length: number): string {
  return `${text.slice(0, isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length)}…`
}

function scalarBytes(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value).length : 4
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return 0
  return String(value).length
}

/** UTF-8 bytes of one UTF-16 unit in JSON; a pair of surrogates has four, a lone one is written as \uXXXX. */
function unitBytes(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  if (unit < 0x20) return SHORT_ESCAPES.has(unit) ? 2 : WORST_BYTES
  if (unit < 0x80) return unit === 0x22 || unit === 0x5c ? 2 : 1
  if (unit < 0x800) return 2
  if (unit < 0xd800 || unit > 0xdfff) return 3
  const isPaired = isHighSurrogate(unit)
    ? isLowSurrogate(text.charCodeAt(at + 1))
    : isHighSurrogate(text.charCodeAt(at - 1))
  return isPaired ? 2 : WORST_BYTES
}

const SHORT_ESCAPES = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d])

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
