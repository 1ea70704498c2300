import type { ErrorEvent } from '@faultline/protocol'
import { compact, isEmpty, recordOf, textOf } from '../untrusted.js'

type User = NonNullable<ErrorEvent['user']>

/** Whom it happened to. The address is the request's, and other members are kept in `extra.user`. */
export function userOf(said: unknown): User | undefined {
  const user = recordOf(said)
  if (user === undefined) return undefined
  const known = compact<User>({
    id: textOf(user.id),
    email: textOf(user.email),
    name: textOf(user.name) ?? textOf(user.username),
  })
  return isEmpty(known) ? undefined : known
}
