import { ProblemError } from '../catalogue/problem-error.js'
import { standardProblems } from '../catalogue/standard-problems.js'
import { isClassValidatorError } from './class-validator-issues.js'
import type { IssueOptions } from './issue-list.js'
import { membersOf } from './issue-list.js'
import { type Mapping, mapErrorWhen } from './mappings.js'
import { standardIssues } from './validation-issues.js'

// They set these names themselves, so minified code has them too.
const NAMES: ReadonlySet<unknown> = new Set(['ZodError', '$ZodError', 'ValiError', 'SchemaError'])

/**
 * A mapping for what zod, valibot and class-validator throw: the problem `ValidationFailed` with one entry in `errors` for each
 * issue. Opt-in, because an application that parses its own data with them throws the same classes, and that is a 500.
 * @param options Which part of the request is parsed with them, default `body`; how many issues are listed, default 100.
 */
export function validationErrors(options: IssueOptions = {}): Mapping {
  return mapErrorWhen(
    (thrown: unknown) => issuesOf(thrown) !== undefined,
    (thrown: unknown) => validationProblem(issuesOf(thrown), options, thrown),
  )
}

/**
 * Throws the problem `ValidationFailed` from what a Standard Schema found: the result of `validate`, or its `issues`.
 * @throws ProblemError, with the status that the error handler's `validationStatus` says.
 * @see https://standardschema.dev
 */
export function validationFailed(issues: unknown, options: IssueOptions = {}): never {
  const list = Array.isArray(issues) ? issues : membersOf(issues).issues
  throw validationProblem(list, options)
}

function validationProblem(issues: unknown, options: IssueOptions, cause?: unknown): ProblemError {
  const { errors, truncated } = standardIssues(issues, options)
  const { definition } = standardProblems.ValidationFailed
  return new ProblemError({ status: definition.status, errors, truncated, cause }, definition)
}

function issuesOf(thrown: unknown): readonly unknown[] | undefined {
  try {
    if (isListOf(thrown, isClassValidatorError)) return thrown
    const { name, issues, errors } = membersOf(thrown)
    if (NAMES.has(name) && isListOf(issues, hasMessage)) return issues
    return isListOf(errors, isClassValidatorError) ? errors : undefined
  } catch {
    return undefined
  }
}

// The first stands for all: a list may be long, and every validator makes its list of one kind.
function isListOf(value: unknown, isItem: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && isItem(value[0])
}

function hasMessage(issue: unknown): boolean {
  return typeof membersOf(issue).message === 'string'
}
