// docs/reference/api.md, from the OpenAPI document of a collector.

interface Schema {
  $ref?: string
  type?: string
  enum?: unknown[]
  format?: string
  const?: unknown
  items?: Schema
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  description?: string
  default?: unknown
}

interface Media {
  schema?: Schema
}

interface Operation {
  summary?: string
  'x-role'?: string
  parameters?: { name: string; in: string; required?: boolean; schema: Schema; description?: string }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { content?: Record<string, Media> }>
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

const HEAD = `# API reference

Made by \`npm run docs\` from the collector's OpenAPI document, which it serves itself at \`/api/v1/openapi.json\`. What the answers
mean, and the search language, are in [the query API](query-api.md); errors are problems, each with [its section](../errors.md).
`

/** Markdown: every operation with its parameters, body and answer, then the types that they name. */
export function apiPage({ paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      section(`${method.toUpperCase()} ${path}`, operation),
    ),
  )
  const types = Object.entries(components.schemas)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, schema]) => `### ${name}\n\n${members(schema)}`)
  return [HEAD, ...operations, '## Types\n', ...types].join('\n')
}

function section(
  title: string,
  { summary = '', parameters = [], requestBody, responses, ...rest }: Operation,
) {
  const [status = '', answer] = Object.entries(responses).find(([code]) => code !== 'default') ?? []
  const body = schemaOf(requestBody?.content)
  const answered = schemaOf(answer?.content)
  return [
    `## \`${title}\`\n`,
    `${summary}. Role: ${rest['x-role'] ?? 'anyone'}.\n`,
    parameters.length > 0 && table(['parameter', 'what'], parameters.map(parameterRow)),
    body && `Body:\n\n${body.$ref ? `${typeText(body)}\n` : members(body)}`,
    `Answers ${status}${answered ? `: ${typeText(answered)}` : ''}\n`,
  ]
    .filter(Boolean)
    .join('\n')
}

function parameterRow({
  name,
  in: place,
  required,
  schema,
  description,
}: NonNullable<Operation['parameters']>[number]) {
  const notes = [
    typeText(schema),
    description ?? schema.description,
    place === 'path' ? 'in the path' : required && schema.default === undefined && 'required',
    schema.default !== undefined && `default \`${schema.default}\``,
  ]
  return [`\`${name}\``, notes.filter(Boolean).join('; ')]
}

function members({ properties = {}, required = [], description }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => [
    `\`${name}\`${required.includes(name) ? '' : '?'}`,
    [typeText(schema), schema.description].filter(Boolean).join('; '),
  ])
  return `${description ? `${description}\n\n` : ''}${table(['member', 'what'], rows)}`
}

function typeText(schema: Schema): string {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return `[${name}](#${name.toLowerCase()})`
  }
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ')
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' or ')
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`
  if (schema.type === 'object' && schema.properties) {
    const inner = Object.entries(schema.properties).map(([name, member]) => `${name}: ${typeText(member)}`)
    return `{ ${inner.join(', ')} }`
  }
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object')
    return `object of ${typeText(schema.additionalProperties)}`
  if (schema.format === 'date-time') return 'time'
  return schema.type ?? 'anything'
}

function schemaOf(content: Record<string, Media> | undefined): Schema | undefined {
  return content && Object.values(content)[0]?.schema
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`
  return `${[line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n')}\n`
}
