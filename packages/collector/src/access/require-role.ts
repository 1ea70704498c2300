import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { Caller } from '../store/people.js'
import type { Role } from '../store/store.js'
import type { Callers } from './callers.js'
import { accessErrors } from './errors.js'
import { isCsrfToken } from './secrets.js'
import { readSessionCookie } from './session-cookie.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of every route of the API that needs a role. */
    caller: Caller
  }
}

const RANKS: Record<Role, number> = { viewer: 0, member: 1, admin: 2 }
/** @see RFC 9110 §9.2.1 */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The hook of a route that only a token or a user of this role, or of a higher one, may use. */
export type RequireRole = (needed: Role) => onRequestAsyncHookHandler

export function createRequireRole(callers: Pick<Callers, 'ofToken' | 'ofSession'>): RequireRole {
  return (needed) => async (request) => {
    const caller = await callerOf(request, callers)
    const { role } = caller
    if (RANKS[role] < RANKS[needed]) throw new accessErrors.RoleTooLow({ role, needed })
    request.caller = caller
  }
}

/** A token counts before a session: only a program sends one, and no page of another site can. */
async function callerOf(
  request: FastifyRequest,
  callers: Pick<Callers, 'ofToken' | 'ofSession'>,
): Promise<Caller> {
  const token = bearerOf(request)
  if (token !== undefined) {
    const caller = await callers.ofToken(token)
    if (caller === undefined) throw new accessErrors.TokenInvalid()
    return caller
  }
  const secret = readSessionCookie(request)
  if (secret === undefined) throw new accessErrors.TokenMissing()
  const caller = await callers.ofSession(secret)
  if (caller === undefined) throw new accessErrors.SessionEnded()
  if (!SAFE_METHODS.has(request.method) && !isCsrfToken(request.headers['x-csrf-token'], secret))
    throw new accessErrors.CsrfTokenInvalid()
  return caller
}

/** @see RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1) */
function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}
