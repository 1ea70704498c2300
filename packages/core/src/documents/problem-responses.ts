import type { TUnsafe } from '@sinclair/typebox'
import type { ResolvedDefinition } from '../catalogue/definition.js'
import { PROBLEM_MEDIA_TYPE } from '../catalogue/problem-details.js'
import { problemExample } from './problem-example.js'
import { problemSchema } from './problem-schema.js'

/** A class of a catalogue, as far as its documents need it. */
export interface DocumentedProblem<Status extends number = number> {
  new (...args: never[]): { readonly status: Status }
  readonly definition: ResolvedDefinition
}

/** `response` entries by status. They are `never` to a type provider, so that a route's success body is checked as before. */
export type ProblemResponses<Status extends number> = { [S in Status]: TUnsafe<never> }

/**
 * The `response` entries of the problems that a route may answer with, for OpenAPI 3:
 * `response: { 200: Order, ...problemResponses(problems.OutOfCredit, problems.NotFound) }`.
 * Problems of one status become one entry with `oneOf`.
 */
export function problemResponses<Status extends number>(
  ...problems: readonly DocumentedProblem<Status>[]
): ProblemResponses<Status> {
  const entries = [...byStatus(problems)].map(([status, group]) => [status, problemResponse(group)])
  return Object.fromEntries(entries) as ProblemResponses<Status>
}

// Map.groupBy needs Node 21.
function byStatus(problems: readonly DocumentedProblem[]): Map<number, ResolvedDefinition[]> {
  const groups = new Map<number, ResolvedDefinition[]>()
  for (const { definition } of new Set(problems)) {
    groups.set(definition.status, [...(groups.get(definition.status) ?? []), definition])
  }
  return groups
}

function problemResponse(definitions: readonly ResolvedDefinition[]): object {
  const examples = definitions.map((definition) => [
    definition.name,
    { summary: definition.title, value: problemExample(definition) },
  ])
  return {
    description: definitions.map((definition) => definition.title).join(' Or: '),
    content: {
      [PROBLEM_MEDIA_TYPE]: { schema: schemaOf(definitions), examples: Object.fromEntries(examples) },
    },
  }
}

function schemaOf(definitions: readonly ResolvedDefinition[]): object {
  const schemas = definitions.map(problemSchema)
  if (schemas.length === 1) return schemas[0] as object
  // Two that are both `about:blank` would both match, which `oneOf` forbids.
  const isToldApart = new Set(definitions.map((definition) => definition.type)).size === definitions.length
  return isToldApart ? { oneOf: schemas } : { anyOf: schemas }
}
