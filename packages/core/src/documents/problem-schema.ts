import type { ResolvedDefinition } from '../catalogue/definition.js'

/** A JSON Schema as a plain object. */
export type JsonSchema = Readonly<Record<string, unknown>>

// Without `format`: a strict Ajv knows none.
const TEXT: JsonSchema = { type: 'string' }

const ISSUES: JsonSchema = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      pointer: { type: 'string', description: 'RFC 6901 JSON Pointer into the body, as a URI fragment.' },
      in: { type: 'string', enum: ['query', 'path', 'header'] },
      name: TEXT,
      detail: TEXT,
      code: TEXT,
    },
    required: ['detail'],
    additionalProperties: true,
  },
}

/**
 * The schema of a problem's body: the core members, and beside them the extension members.
 * `enum` with one value instead of `const`, which OpenAPI 3.0 lacks.
 */
export function problemSchema(definition: ResolvedDefinition): JsonSchema {
  const core = coreSchema(definition)
  const extensions = definition.extensions && plainCopy(definition.extensions)
  if (extensions === undefined) return core
  if (!isObjectSchema(extensions)) return { ...core, allOf: [extensions] }
  return {
    ...core,
    properties: { ...extensions.properties, ...core.properties },
    required: [...core.required, ...(extensions.required ?? [])],
  }
}

interface ObjectSchema extends JsonSchema {
  properties: JsonSchema
  required?: readonly string[]
}

function coreSchema({ name, type, title, status }: ResolvedDefinition) {
  const isValidation = name === 'ValidationFailed'
  return {
    type: 'object',
    title: name,
    properties: {
      type: { type: 'string', enum: [type] },
      title: { type: 'string', description: title },
      status: { type: 'integer', enum: [status] },
      detail: TEXT,
      instance: TEXT,
      traceId: TEXT,
      ...(isValidation && { errors: ISSUES, truncated: { type: 'boolean' } }),
    },
    required: ['type', 'title', 'status'],
    additionalProperties: true,
  }
}

function isObjectSchema(schema: JsonSchema): schema is ObjectSchema {
  return schema.type === 'object' && typeof schema.properties === 'object' && schema.properties !== null
}

// Without the symbols of a schema library, and without an `$id` that would be registered once for every route. A schema that
// refers to parts of itself is left out: beside the core members its references lead nowhere.
function plainCopy(schema: JsonSchema): JsonSchema | undefined {
  const text = JSON.stringify(schema)
  if (text.includes('"$ref"')) return undefined
  const { $id: _id, ...copy } = JSON.parse(text) as Record<string, unknown>
  return copy
}
