import type { TSchema } from '@sinclair/typebox'
import { isListSchema, isObjectSchema, isPlainObject } from './config-mistakes.js'

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['off', false],
])

/** Reads the text of a variable or of the command line as what its entry wants; a text that is none stays one, to be found out. */
export function valueOfText(schema: TSchema, text: string): unknown {
  if (isListSchema(schema)) return listOf(schema, text)
  if (isObjectSchema(schema)) return json(text) ?? text
  if (schema.isSize) return sizeOf(text)
  const kinds = kindsOf(schema)
  if (kinds.includes(text)) return text // a word of its own, like `off`
  if (kinds.includes('array') && text.startsWith('[')) return json(text) ?? text
  if (kinds.includes('number') && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (kinds.includes('boolean')) return FLAGS.get(text.toLowerCase()) ?? text
  return text
}

/** A file has numbers and lists of its own; only sizes are texts there as well. */
export function withSizes(schema: TSchema, value: unknown): unknown {
  if (schema.isSize && typeof value === 'string') return sizeOf(value)
  if (!isObjectSchema(schema) || !isPlainObject(value)) return value
  const entries = Object.entries(value).map(([name, member]) => {
    const entry = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    return [name, entry === undefined ? member : withSizes(entry, member)]
  })
  return Object.fromEntries(entries)
}

/** `256MiB` and `256 MB`, in any case. */
function sizeOf(text: string): number | string {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined
  return number === '' || factor === undefined ? text : Math.round(Number(number) * factor)
}

/** JSON, or texts with commas between them. */
function listOf(schema: TSchema & { items: TSchema }, text: string): unknown {
  if (text.startsWith('[')) return json(text) ?? text
  if (schema.items.type !== 'string') return text
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The types that a value may have, and the words that it may be. */
function kindsOf(schema: TSchema): unknown[] {
  const one = schema.const ?? (schema.type === 'integer' ? 'number' : schema.type)
  return [one, ...((schema.anyOf as TSchema[] | undefined)?.flatMap(kindsOf) ?? [])]
}
