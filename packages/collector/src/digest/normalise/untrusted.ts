/// <reference lib="es2024.string" />
/** What a client sent, as `JSON.parse` gave it: any member may be anything. */
export type Said = Readonly<Record<string, unknown>>

const NONE: readonly never[] = []
/** Objects and lists inside each other, in a text that is made of them. */
const TEXT_DEPTH = 20

export function recordOf(value: unknown): Said | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Said) : undefined
}

/** A text that says something; numbers and booleans are taken as text too. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** As `textOf`; lists and objects become JSON. */
export function anyText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return textOf(value)
  return isDeeper(value, TEXT_DEPTH) ? '[too deep]' : JSON.stringify(value)
}

/** JSON.parse reads what overflows the stack of JSON.stringify. */
function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((member) => isDeeper(member, depth - 1))
}

/** A whole number from 0, also where it was sent as text. */
export function countOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined
}

/** `[…]`, or `{ values: […] }`. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  const values = recordOf(value)?.values
  return Array.isArray(values) ? values : NONE
}

/** What of a list, or of `{ values: […] }`, is a record. */
export function recordsOf(value: unknown): Said[] {
  return listOf(value)
    .map(recordOf)
    .filter((one) => one !== undefined)
}

/** `{ name: value }`, or `[[name, value], …]`. */
export function entriesOf(value: unknown): [name: string, value: unknown][] {
  if (!Array.isArray(value)) return Object.entries(recordOf(value) ?? {})
  return value.flatMap((pair: unknown): [string, unknown][] => {
    const name = Array.isArray(pair) ? textOf(pair[0]) : undefined
    return name === undefined ? [] : [[name, (pair as unknown[])[1]]]
  })
}

/** The record without some of its members, and without the empty ones; `undefined` where nothing is left. */
export function without(record: Said | undefined, names?: ReadonlySet<string>): Said | undefined {
  const rest: [string, unknown][] = []
  for (const name in record)
    if (names?.has(name) !== true && !isEmpty(record[name])) rest.push([name, record[name]])
  return rest.length === 0 ? undefined : Object.fromEntries(rest) // unlike an assignment it also makes a member `__proto__`
}

/** Half a pair of surrogates is not left over. */
export function clip(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1).toWellFormed()}…` : text
}

export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  if (typeof value !== 'object') return false
  return Array.isArray(value) ? value.length === 0 : hasNoMembers(value)
}

function hasNoMembers(value: object): boolean {
  for (const _ in value) return false
  return true
}

/** The members that have a value. */
export function compact<Members extends object>(
  members: {
    [Name in keyof Members]: Members[Name] | undefined
  },
): Members {
  const kept: Partial<Members> = {}
  for (const name in members) if (members[name] !== undefined) kept[name] = members[name]
  return kept as Members
}
