import type { ValidationIssue } from '../catalogue/problem-details.js'
import { clip } from './clip.js'
import { toPointer } from './json-pointer.js'

/** The `errors` and `truncated` members of a failed validation. */
export interface IssueList {
  errors: ValidationIssue[]
  /** There were more than are listed. */
  truncated: boolean
}

/** The part of a request that was validated. */
export type RequestPart = 'body' | 'query' | 'path' | 'header'

/** Where the issues are from, and how many may be listed. */
export interface IssueOptions {
  /** Default: `body`. */
  in?: RequestPart
  /** Default: 100. */
  limit?: number
}

/** How many issues are listed unless the application says otherwise. */
export const DEFAULT_LIMIT = 100
// A body may have 64 KiB; the other members need some of it.
const MAX_BYTES = 40_960
const MAX_NAME_LENGTH = 64

const encoder = new TextEncoder()

/** Takes issues until one of the limits; what throws while it is read ends the list. Never throws. */
export function listIssues(found: Iterable<ValidationIssue>, limit: number = DEFAULT_LIMIT): IssueList {
  const errors: ValidationIssue[] = []
  let bytes = 0
  try {
    for (const issue of found) {
      bytes += encoder.encode(JSON.stringify(issue)).length
      if (errors.length >= limit || bytes > MAX_BYTES) return { errors, truncated: true }
      errors.push(issue)
    }
  } catch {
    return { errors, truncated: true }
  }
  return { errors, truncated: false }
}

/** One issue, at a body pointer or at the parameter that the path begins with. */
export function issueAt(
  part: RequestPart,
  path: readonly string[],
  said: { detail: string; code?: unknown },
): ValidationIssue {
  const rule = typeof said.code === 'string' ? { code: clip(said.code, MAX_NAME_LENGTH) } : {}
  if (part === 'body') return { pointer: toPointer(path), detail: said.detail, ...rule }
  const name = path[0] === undefined ? {} : { name: clip(path[0], MAX_NAME_LENGTH) }
  return { in: part, ...name, detail: said.detail, ...rule }
}

/** Any value as something to read members of; a value that is no object has none. */
export function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
