import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../store/people.js'
import type { ApiToken, Role } from '../store/store.js'
import { accessErrors } from './errors.js'
import { hashToken } from './tokens.js'

/** How long a token that has been revoked may still work. */
const REMEMBER_MS = 5000
const MAX_REMEMBERED = 1000
declare module 'fastify' {
  interface FastifyRequest {
    /** Of every route of the API that needs a role. */
    caller: Caller
  }
}

const RANKS: Record<Role, number> = { viewer: 0, member: 1, admin: 2 }

export interface RoleCheckOptions {
  findToken(hash: Uint8Array): Promise<ApiToken | undefined>
  /** Milliseconds; only differences count. */
  now(): number
}

/** The hook of a route that only a token of this role, or of a higher one, may use. */
export interface RequireRole {
  (needed: Role): onRequestAsyncHookHandler
  /** After a change of tokens by this process: the next request asks the store. */
  forget(): void
}

/** Makes the hooks: what they know of a token is shared, and a few seconds old at most. */
export function createRequireRole(options: RoleCheckOptions): RequireRole {
  const { findToken, forget } = remembered(options)
  const requireRole = (needed: Role) => async (request: FastifyRequest) => {
    const text = bearerOf(request)
    if (text === undefined) throw new accessErrors.TokenMissing()
    const token = await findToken(hashToken(text))
    if (token === undefined || token.revokedAt !== null) throw new accessErrors.TokenInvalid()
    const { id, name, role, projectIds } = token
    if (RANKS[role] < RANKS[needed]) throw new accessErrors.RoleTooLow({ role, needed })
    request.caller = { kind: 'token', id, name, role, projectIds }
  }
  return Object.assign(requireRole, { forget })
}

/** @see RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1) */
function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

function remembered({
  findToken,
  now,
}: RoleCheckOptions): Pick<RoleCheckOptions, 'findToken'> & Pick<RequireRole, 'forget'> {
  const found = new LRUCache<string, { at: number; token: Promise<ApiToken | undefined> }>({
    max: MAX_REMEMBERED,
  })
  const find: RoleCheckOptions['findToken'] = (hash) => {
    const key = Buffer.from(hash).toString('base64')
    const known = found.get(key)
    if (known !== undefined && now() - known.at < REMEMBER_MS) return known.token
    const token = findToken(hash)
    found.set(key, { at: now(), token })
    token.catch(() => found.delete(key))
    return token
  }
  return { findToken: find, forget: () => found.clear() }
}
