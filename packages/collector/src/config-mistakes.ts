import type { TObject, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { nearest } from './store/search/nearest.js'

/** The configuration cannot be used. The message names every mistake. */
export class ConfigMistakes extends Error {
  override name = 'ConfigMistakes'
  readonly mistakes: readonly string[]
  constructor(mistakes: readonly string[]) {
    super(`The configuration has mistakes:${mistakes.map((mistake) => `\n  - ${mistake}`).join('')}`)
    this.mistakes = mistakes
  }
}

/** Every mistake in a value, each with the path that leads there: `scrub.emails must be one of …`. */
export function mistakesIn(schema: TSchema, value: unknown, path: string): string[] {
  if (isListSchema(schema) && Array.isArray(value)) {
    return value.flatMap((item, index) => mistakesIn(schema.items, item, `${path}[${index}]`))
  }
  if (isObjectSchema(schema) && isPlainObject(value)) return mistakesInObject(schema, value, path)
  const isRight = Value.Check(schema, value) && schema.holds?.(value) !== false
  return isRight ? [] : [`${path} must be ${schema.expected}, not ${show(value)}`]
}

function mistakesInObject(schema: TObject, value: Record<string, unknown>, path: string): string[] {
  const prefix = path === '' ? '' : `${path}.`
  const isMissing = (name: string) => schema.required?.includes(name) && !Object.hasOwn(value, name)
  const missing = Object.keys(schema.properties).filter(
    (name) => isMissing(name) && !hasDefault(schema, name),
  )
  return [
    ...missing.map((name) => `${prefix}${name} is missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const entry = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
      if (entry === undefined) return [`${prefix}${unknownName(name, Object.keys(schema.properties))}`]
      return member === undefined ? [] : mistakesIn(entry, member, prefix + name)
    }),
  ]
}

/** Says so, with the name that was probably meant. */
export function unknownName(name: string, known: readonly string[]): string {
  const near = nearest(plain(name), known.map(plain))
  const meant = known.find((one) => plain(one) === near)
  return `${name} is unknown${meant === undefined ? '' : `: did you mean ${meant}?`}`
}

/** What all variables begin with makes none of them near. */
function plain(name: string): string {
  return name.replace(/^FAULTLINE_/, '').toLowerCase()
}

function hasDefault(schema: TObject, name: string): boolean {
  return schema.properties[name]?.default !== undefined
}

export function isObjectSchema(schema: TSchema): schema is TObject {
  return schema.type === 'object'
}

export function isListSchema(schema: TSchema): schema is TSchema & { items: TSchema } {
  return schema.type === 'array'
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
