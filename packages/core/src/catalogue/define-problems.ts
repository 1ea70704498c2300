import { coreErrors } from '../errors.js'
import {
  type AnyCatalogue,
  type AnyDefinition,
  type AnyProblemClass,
  buildCatalogue,
} from './build-catalogue.js'
import type { Catalogue, Definition, Guard } from './catalogue-types.js'
import { definitionMistakes, extensionWarnings } from './check-definitions.js'
import { ABOUT_BLANK, resolveType, VALIDATION_FAILED } from './type-uri.js'
import { warn } from './warn.js'

/** Options of a catalogue. */
export interface CatalogueOptions<Included> {
  /** URI that every `type` stands under. Default: none, and every `type` is `about:blank`. */
  base?: string
  /** A catalogue, or several, whose classes are wanted here too; a definition of the same name replaces a standard problem. */
  include?: Included
  /** `true`: problems below 500 capture a stack as well. Default: `false`. */
  captureStack?: boolean
}

/**
 * Declares a team's problems once; from here come the classes to throw, the answers, their OpenAPI schema and their pages.
 * @param options Base URI, included catalogues, stacks.
 * @param definitions The definitions by class name.
 * @returns A record of `ProblemError` subclasses.
 * @throws InvalidCatalogue naming every mistake: bad status, duplicate type or name, bad URI.
 * @see RFC 9457 §4
 */
export function defineProblems<
  Schemas,
  Statuses extends Record<keyof Statuses, number>,
  const Given,
  // biome-ignore lint/complexity/noBannedTypes: an empty catalogue is the neutral element of the intersection
  Included = {},
>(
  options: CatalogueOptions<Included>,
  definitions: { [K in keyof Schemas]: Definition<Schemas[K]> } & {
    [K in keyof Statuses]: { status: Statuses[K] }
  } & Given &
    Guard<NoInfer<Schemas>, NoInfer<Given>>,
): Catalogue<Schemas, Statuses, Given, Included> {
  const confused = argumentMistakes(options, definitions)
  if (confused.length > 0) throw new coreErrors.InvalidCatalogue({ mistakes: confused })
  const own = definitions as Readonly<Record<string, AnyDefinition>>
  const included = [options.include ?? []].flat() as AnyCatalogue[]
  const mistakes = [...definitionMistakes(options.base, own), ...clashes(options.base, own, included)]
  if (mistakes.length > 0) throw new coreErrors.InvalidCatalogue({ mistakes })
  warnOfExtensions(own)
  const catalogue = Object.assign({}, ...included, buildCatalogue(options, own))
  return catalogue as Catalogue<Schemas, Statuses, Given, Included>
}

function argumentMistakes(options: { include?: unknown }, definitions: unknown): string[] {
  if (
    typeof options !== 'object' ||
    options === null ||
    typeof definitions !== 'object' ||
    definitions === null
  ) {
    return ['defineProblems takes two objects: options, {} at least, then the definitions by name']
  }
  const isClass = (Problem: unknown) => typeof Problem === 'function' && 'definition' in Problem
  const isCatalogue = (one: unknown) =>
    typeof one === 'object' && one !== null && Object.values(one).every(isClass)
  return [options.include ?? []].flat().every(isCatalogue)
    ? []
    : ['include must be a catalogue made with defineProblems, or a list of them']
}

/** Only a standard problem is replaced by one of the same name; anything else said twice is a mistake. */
function clashes(
  base: string | undefined,
  own: Readonly<Record<string, AnyDefinition>>,
  included: readonly AnyCatalogue[],
): string[] {
  const mistakes: string[] = []
  const seen = new Map<string, AnyProblemClass>()
  for (const [name, Problem] of included.flatMap((catalogue) => Object.entries(catalogue))) {
    const { type } = Problem.definition
    const other = seen.get(name)
    if (other !== undefined && other !== Problem)
      mistakes.push(`${name} is in two included catalogues (${type} and ${other.definition.type})`)
    seen.set(name, Problem)
    if (isReplaceable(type)) continue
    if (Object.hasOwn(own, name)) mistakes.push(`${name} is already in an included catalogue, as ${type}`)
    for (const [ownName, { type: ownType }] of Object.entries(own)) {
      if (safeType(ownName, ownType, base) === type)
        mistakes.push(`${ownName} and the included ${name} have the same type ${type}`)
    }
  }
  return mistakes
}

function isReplaceable(type: string): boolean {
  return type === ABOUT_BLANK || type === VALIDATION_FAILED
}

function safeType(name: string, type: string | undefined, base: string | undefined): string | undefined {
  try {
    return resolveType(name, type, base)
  } catch {
    return undefined // told by definitionMistakes
  }
}

function warnOfExtensions(definitions: Readonly<Record<string, AnyDefinition>>): void {
  for (const [name, definition] of Object.entries(definitions)) {
    for (const warning of extensionWarnings(definition)) warn(`${name}: ${warning}`)
  }
}
