import { type ProblemDetails, RESERVED_MEMBERS, type ValidationIssue } from '../catalogue/problem-details.js'
import { ProblemError, type ProblemInit } from '../catalogue/problem-error.js'
import { isErrorStatus } from '../catalogue/status-codes.js'
import { membersOf } from './issue-list.js'

/** A problem of another service: parsed by `parseProblem`, or the body as it came. */
export type RemoteProblem = ProblemDetails | { status: number; origin: 'remote'; extensions: unknown }

/** What may be forwarded; any other word is the name of one extension member. */
export type PassedMember = (typeof DEFAULT_KEEP)[number] | 'retryAfterSeconds' | (string & {})

const DEFAULT_KEEP = ['type', 'title', 'status', 'detail', 'extensions', 'errors'] as const

/**
 * A gateway's error for a problem of the service behind it: the same problem under a new `instance`. The status is kept from 400
 * to 599 and is otherwise, or without `status` in `keep`, 502.
 * @param options.keep Members to forward. Default: `type title status detail extensions errors`.
 */
export function passThrough(
  problem: RemoteProblem,
  { keep = DEFAULT_KEEP }: { keep?: readonly PassedMember[] } = {},
): ProblemError {
  try {
    return new ProblemError(passedInit(membersOf(problem), new Set(keep), problem))
  } catch {
    return new ProblemError({ status: 502 })
  }
}

function passedInit(
  members: Record<string, unknown>,
  keep: ReadonlySet<string>,
  cause: unknown,
): ProblemInit {
  const kept = (name: string) => (keep.has(name) ? members[name] : undefined)
  const status = kept('status')
  const errors = kept('errors')
  const seconds = kept('retryAfterSeconds')
  return {
    type: textOf(kept('type')),
    title: textOf(kept('title')),
    status: isErrorStatus(status) ? status : 502,
    detail: textOf(kept('detail')),
    extensions: keptExtensions(members, keep),
    errors: Array.isArray(errors) ? (errors as ValidationIssue[]) : undefined,
    truncated: Array.isArray(errors) && members.truncated === true,
    retryAfterSeconds: typeof seconds === 'number' ? seconds : undefined,
    cause,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function keptExtensions(
  members: Record<string, unknown>,
  keep: ReadonlySet<string>,
): Record<string, unknown> {
  const isKept = (name: string) => keep.has('extensions') || (keep.has(name) && !RESERVED_MEMBERS.has(name))
  return Object.fromEntries(Object.entries(extensionsOf(members)).filter(([name]) => isKept(name)))
}

// A parsed problem holds them in one member; in a body they stand beside the core members.
function extensionsOf(members: Record<string, unknown>): Record<string, unknown> {
  if (members.origin === 'remote' && typeof members.extensions === 'object')
    return membersOf(members.extensions)
  return Object.fromEntries(Object.entries(members).filter(([name]) => !RESERVED_MEMBERS.has(name)))
}
