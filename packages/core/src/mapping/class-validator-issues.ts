import type { ValidationIssue } from '../catalogue/problem-details.js'
import { issueAt, membersOf, type RequestPart } from './issue-list.js'
import { safeDetail } from './safe-detail.js'

const MAX_DEPTH = 32

/**
 * Is it a `ValidationError` of class-validator? Told by its members, for the class may be of another copy.
 * @see https://github.com/typestack/class-validator#validation-errors
 */
export function isClassValidatorError(value: unknown): boolean {
  const { property, constraints, children } = membersOf(value)
  if (typeof property !== 'string') return false
  return Array.isArray(children) || (typeof constraints === 'object' && constraints !== null)
}

/** One issue for each constraint of the error and of its children. */
export function classValidatorIssues(error: unknown, part: RequestPart): Generator<ValidationIssue> {
  return walk(error, [], { part, seen: new Set() })
}

// What refers back to itself is read once: with two such children each, a cut at some depth alone would take 2^depth steps.
function* walk(
  error: unknown,
  parents: readonly string[],
  { part, seen }: { part: RequestPart; seen: Set<unknown> },
): Generator<ValidationIssue> {
  if (seen.has(error)) return
  seen.add(error)
  const { property, constraints, children, value } = membersOf(error)
  const path = [...parents, String(property)]
  for (const [code, message] of Object.entries(membersOf(constraints))) {
    yield issueAt(part, path, { detail: safeDetail(message, [value]), code })
  }
  if (!Array.isArray(children) || path.length >= MAX_DEPTH) return
  for (const child of children) yield* walk(child, path, { part, seen })
}
