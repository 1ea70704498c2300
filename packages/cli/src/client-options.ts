import { parseProblem } from '@faultline/core/client'
import type { Definition } from './commands/problems.js'

/** What `parseProblem` takes, so that it knows the problems of a catalogue by name. */
export interface ClientOptions {
  base?: string
  /** Only what does not follow from base and name. */
  types: Record<string, string | number>
}

/** @returns also which definitions are taken for another: they have its type, and nothing else to tell them by */
export function clientOptionsOf(
  definitions: readonly Definition[],
): ClientOptions & { mistaken: { name: string; as: string }[] } {
  const base = baseOf(definitions)
  const options: ClientOptions = { ...(base !== undefined && { base }), types: {} }
  for (const definition of definitions) {
    if (nameOf(definition, options) !== definition.name) options.types[definition.name] = markOf(definition)
  }
  const mistaken = definitions
    .map((definition) => ({ name: definition.name, as: nameOf(definition, options) }))
    .filter(({ name, as }) => name !== as)
  return { ...options, mistaken }
}

/** The folder under which most names follow from their types; a definition does not say which base it was made with. */
function baseOf(definitions: readonly Definition[]): string | undefined {
  const counts = new Map<string, number>()
  for (const definition of definitions) {
    const base = definition.type.slice(0, definition.type.lastIndexOf('/') + 1)
    if (base === '' || nameOf(definition, { base, types: {} }) !== definition.name) continue
    counts.set(base, (counts.get(base) ?? 0) + 1)
  }
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0]
}

/** As a client would call it. */
function nameOf({ type, status }: Definition, options: ClientOptions): string {
  const headers = { 'content-type': 'application/problem+json' }
  return parseProblem({ status, headers, body: { type } }, options as object)?.name ?? ''
}

function markOf({ type, status }: Definition): string | number {
  return type === 'about:blank' ? status : type
}
