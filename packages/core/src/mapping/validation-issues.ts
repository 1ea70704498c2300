import type { ValidationIssue } from '../catalogue/problem-details.js'
import { classValidatorIssues, isClassValidatorError } from './class-validator-issues.js'
import {
  type IssueList,
  type IssueOptions,
  issueAt,
  listIssues,
  membersOf,
  type RequestPart,
} from './issue-list.js'
import { pointerSegments } from './json-pointer.js'
import { safeDetail } from './safe-detail.js'

export type { IssueList, RequestPart } from './issue-list.js'

// Deeper than any pointer shows.
const MAX_DEPTH = 40

// Fastify's names for the parts of a request.
const PARTS: ReadonlyMap<unknown, RequestPart> = new Map([
  ['params', 'path'],
  ['querystring', 'query'],
  ['headers', 'header'],
])

/**
 * The errors of a failed Fastify schema, Ajv's or those of another validator compiler.
 * @param validation `error.validation`.
 * @param validationContext `error.validationContext`: `body`, `params`, `querystring` or `headers`.
 */
export function fastifyIssues(validation: unknown, validationContext: unknown, limit?: number): IssueList {
  const part = PARTS.get(validationContext) ?? 'body'
  return listIssues(
    readAll(validation, (error) => readAjvError(error, part)),
    limit,
  )
}

/**
 * The issues of a Standard Schema, of zod or valibot, or the errors of class-validator.
 * @see https://standardschema.dev
 */
export function standardIssues(issues: unknown, options: IssueOptions = {}): IssueList {
  const part = options.in ?? 'body'
  return listIssues(
    readAll(issues, (issue) => readIssue(issue, part)),
    options.limit,
  )
}

function* readAll(
  list: unknown,
  read: (item: unknown) => Iterable<ValidationIssue>,
): Generator<ValidationIssue> {
  if (!Array.isArray(list)) return
  for (const item of list) yield* read(item)
}

function* readAjvError(error: unknown, part: RequestPart): Generator<ValidationIssue> {
  const { instancePath, keyword, params, message, data } = membersOf(error)
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName, received } =
    membersOf(params)
  const path = typeof instancePath === 'string' ? pointerSegments(instancePath) : []
  const property = missingProperty ?? additionalProperty ?? unevaluatedProperty ?? propertyName
  if (typeof property === 'string') path.push(property)
  yield issueAt(part, path, { detail: safeDetail(message, [data, received]), code: keyword })
}

function* readIssue(issue: unknown, part: RequestPart): Generator<ValidationIssue> {
  if (isClassValidatorError(issue)) return yield* classValidatorIssues(issue, part)
  // zod calls the rule `code`, valibot `type`.
  const { message, path, code, type, keys, received, input } = membersOf(issue)
  const segments = pathSegments(path)
  if (code === 'unrecognized_keys' && Array.isArray(keys)) {
    for (const key of keys)
      yield issueAt(part, [...segments, String(key)], { detail: 'is not a known property', code })
    return
  }
  yield issueAt(part, segments, { detail: safeDetail(message, [received, input]), code: code ?? type })
}

function pathSegments(path: unknown): string[] {
  if (!Array.isArray(path)) return []
  return path.slice(0, MAX_DEPTH).map((item) => {
    const isObject = typeof item === 'object' && item !== null
    return String(isObject ? (item as { key: unknown }).key : item)
  })
}
