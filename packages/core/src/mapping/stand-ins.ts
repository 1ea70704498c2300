import type { AnyCatalogue, AnyProblemClass } from '../catalogue/build-catalogue.js'
import type { ResolvedDefinition } from '../catalogue/definition.js'
import { standardProblems } from '../catalogue/standard-problems.js'
import { statusName } from '../catalogue/status-codes.js'
import { VALIDATION_FAILED } from '../catalogue/type-uri.js'

const STANDARD = standardProblems as unknown as AnyCatalogue

/** The definition that stands for a bare status, and whether it is the suite's own. */
export interface StandIn {
  definition: ResolvedDefinition
  isStandard: boolean
}

/** What an application's catalogue puts in the place of the standard problems. */
export interface StandIns {
  /** For an error that only has a status, or is a failed validation. */
  forStatus(status: number, isValidation: boolean): StandIn
  /** For a standard problem that was thrown: what the application defined under its name. */
  forStandard(definition: ResolvedDefinition): ResolvedDefinition | undefined
}

/** Finds the stand-ins by the standard names of a catalogue; each status is looked up once. */
export function standInsOf(catalogue: AnyCatalogue): StandIns {
  const known = new Map<string, StandIn>()
  return {
    forStatus(status, isValidation) {
      const key = isValidation ? `validation ${status}` : String(status)
      const standIn = known.get(key) ?? standInFor(status, isValidation, catalogue)
      known.set(key, standIn)
      return standIn
    },
    forStandard({ name, type }) {
      const standard = Object.hasOwn(STANDARD, name) ? STANDARD[name] : undefined
      return standard?.definition.type === type ? ownDefinition(catalogue, name) : undefined
    },
  }
}

/** Is it the suite's own definition of a failed validation, whose status an option says? From whatever copy of this package. */
export function isStandardValidation({ name, type }: ResolvedDefinition): boolean {
  return name === 'ValidationFailed' && type === VALIDATION_FAILED
}

function standInFor(status: number, isValidation: boolean, catalogue: AnyCatalogue): StandIn {
  const validation = isValidation ? ownDefinition(catalogue, 'ValidationFailed') : undefined
  const own = validation ?? ownDefinition(catalogue, statusName(status))
  return own
    ? { definition: own, isStandard: false }
    : { definition: standardDefinition(status, isValidation), isStandard: true }
}

function ownDefinition(catalogue: AnyCatalogue, name: string): ResolvedDefinition | undefined {
  const own = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined
  return own === STANDARD[name] ? undefined : own?.definition
}

/** A status that has no name here is taken as the first of its class, as RFC 9110 §15 has clients do. */
function standardDefinition(status: number, isValidation: boolean): ResolvedDefinition {
  const name = isValidation ? 'ValidationFailed' : statusName(status)
  const standard = STANDARD[name] ?? STANDARD[status < 500 ? 'BadRequest' : 'InternalServerError']
  return (standard as AnyProblemClass).definition
}
