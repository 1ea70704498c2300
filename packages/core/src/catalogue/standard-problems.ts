import { type AnyDefinition, buildCatalogue } from './build-catalogue.js'
import type { ProblemClass } from './catalogue-types.js'
import { statusPhrase } from './status-codes.js'
import { STATUS_NAMES, type StatusNames } from './status-names.js'
import { VALIDATION_FAILED } from './type-uri.js'

type StatusByName = { [Status in keyof StatusNames as StatusNames[Status]]: Status } & {
  ValidationFailed: 400
}

/** The classes of `standardProblems`, by the phrases of RFC 9110. */
export type StandardProblems = {
  readonly [Name in keyof StatusByName]: ProblemClass<Name, unknown, StatusByName[Name], unknown>
}

/**
 * One problem for each status that a service throws, `about:blank` with the phrase as title, and `ValidationFailed` for rejected
 * input. A catalogue that defines one of these names replaces it, for the framework's own errors too.
 * @see RFC 9457 §4.2.1
 */
export const standardProblems = buildCatalogue({}, standardDefinitions()) as unknown as StandardProblems

function standardDefinitions(): Record<string, AnyDefinition> {
  const definitions: Record<string, AnyDefinition> = {}
  for (const [status, name] of Object.entries(STATUS_NAMES)) {
    definitions[name] = { status: Number(status), title: statusPhrase(Number(status)) }
  }
  definitions.ValidationFailed = {
    status: 400,
    type: VALIDATION_FAILED,
    title: 'The request is not valid.',
  }
  return definitions
}
