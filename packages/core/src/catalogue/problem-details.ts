/** The media type of every body that Faultline writes. @see RFC 9457 §6.1 */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** A problem details object as it travels. Extension members stand beside the five core members. @see RFC 9457 §3 */
export interface ProblemDetails {
  type: string
  title: string
  status: number
  detail?: string
  instance?: string
  [extension: string]: unknown
}

/** One failed rule of a validation, as it stands in a problem's `errors`. */
export interface ValidationIssue {
  /** RFC 6901 JSON Pointer in URI fragment form, `#/items/0/price`; only for the body. */
  pointer?: string
  /** Where else the value came from; then `name` says which one. */
  in?: 'query' | 'path' | 'header'
  name?: string
  /** What is wrong, without the rejected value. */
  detail: string
  /** The rule that failed, in the validator's words: `required`, `type`, `too_small`. */
  code?: string
}

const RESERVED = [
  'type',
  'title',
  'status',
  'detail',
  'instance',
  'errors',
  'truncated',
  'traceId',
  'debug',
] as const

export type ReservedMember = (typeof RESERVED)[number]

/** Members with a meaning of their own: an extension cannot have these names. */
export const RESERVED_MEMBERS: ReadonlySet<string> = new Set(RESERVED)
