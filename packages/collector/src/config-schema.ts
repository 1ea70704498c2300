import type { TSchema } from '@sinclair/typebox'
import { CollectorConfig } from './config.js'

/** `256MiB`, `1.5 GB`. */
const SIZE_TEXT = '^\\d+(\\.\\d+)? ?([KkMmGgTt][Ii]?)?[Bb]?$'

/** A JSON Schema of `faultline.config.json` and `.yaml`, for editors: draft 7 is what most of them read. */
export function configSchema(): object {
  const { properties, ...schema } = forEditors(CollectorConfig) as { properties: object }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of the Faultline collector',
    ...schema,
    properties: { $schema: { type: 'string', description: 'Where this schema lies.' }, ...properties },
  }
}

/** What only our own check reads becomes words; what has a default may be left out; unknown keys are mistakes. */
function forEditors(schema: TSchema): object {
  const { expected, isSize, holds, description, properties, required, items, anyOf, ...rest } = schema
  const words = [description, expected && `Must be ${expected}.`].filter((one) => one !== undefined)
  return {
    ...(words.length > 0 && { description: words.join(' ') }),
    ...(isSize ? sizeSchema(rest) : rest),
    ...(anyOf && { anyOf: anyOf.map(forEditors) }),
    ...(items && { items: forEditors(items) }),
    ...(properties && objectSchema(properties, required ?? [])),
  }
}

function sizeSchema({ default: standard, ...number }: Record<string, unknown>): object {
  return { anyOf: [number, { type: 'string', pattern: SIZE_TEXT }], default: standard }
}

function objectSchema(properties: Record<string, TSchema>, required: readonly string[]): object {
  return {
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, entry]) => [name, forEditors(entry)]),
    ),
    required: required.filter((name) => properties[name]?.default === undefined),
    additionalProperties: false,
  }
}
