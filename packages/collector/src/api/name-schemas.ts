/** Schemas that have a title go to the components of an OpenAPI document under that name; references take their places. */
export function nameSchemas<Document extends { components?: object }>(document: Document): Document {
  const schemas: Record<string, unknown> = {}
  const named = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(named)
    if (typeof value !== 'object' || value === null) return value
    const { title, ...rest } = value as { title?: unknown; type?: unknown }
    const isNamed = typeof title === 'string' && rest.type === 'object'
    const copy = Object.fromEntries(
      Object.entries(isNamed ? rest : value).map(([key, member]) => [key, named(member)]),
    )
    if (!isNamed) return copy
    schemas[title] = copy
    return { $ref: `#/components/schemas/${title}` }
  }
  const copy = named(document) as Document
  return { ...copy, components: { ...copy.components, schemas } }
}
