import type { ResolvedDefinition } from '../catalogue/definition.js'
import { detailText } from '../catalogue/detail-text.js'
import type { JsonSchema } from './problem-schema.js'

const MAX_DEPTH = 5

/** A body as the definition makes it, with data that its schema allows. */
export function problemExample(definition: ResolvedDefinition): Record<string, unknown> {
  const data = definition.extensions === undefined ? {} : exampleOf(definition.extensions)
  const extensions = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
  const { type, title, status } = definition
  const detail = detailText(definition.detail, extensions)
  const instance = 'urn:uuid:018f3c5e-7a2b-7c3d-9e4f-5a6b7c8d9e0f'
  return { type, title, status, ...(detail !== undefined && { detail }), instance, ...extensions }
}

function exampleOf(schema: unknown, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH) return null
  const { examples, default: byDefault, const: constant, enum: values, ...rest } = schema as JsonSchema
  const given = firstOf(examples) ?? byDefault ?? constant ?? firstOf(values)
  return given ?? exampleByType(rest, depth)
}

function exampleByType(schema: JsonSchema, depth: number): unknown {
  const variant = firstOf(schema.anyOf) ?? firstOf(schema.oneOf)
  if (variant !== undefined) return exampleOf(variant, depth + 1)
  if (Array.isArray(schema.allOf))
    return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, depth + 1)))
  switch (firstOf(schema.type) ?? schema.type) {
    case 'object':
      return exampleObject(schema.properties, depth)
    case 'array':
      return [exampleOf(schema.items, depth + 1)]
    case 'string':
      return 'text'
    case 'number':
    case 'integer':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    default:
      return null
  }
}

function exampleObject(properties: unknown, depth: number): Record<string, unknown> {
  const entries = Object.entries((properties ?? {}) as JsonSchema)
  return Object.fromEntries(entries.map(([name, schema]) => [name, exampleOf(schema, depth + 1)]))
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined
}
