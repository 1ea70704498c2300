import { defineProblems } from '@faultline/core'
import { Type } from '@sinclair/typebox'

/** Who may not; each has its section in docs/errors.md. @see RFC 6750 §3 for the challenges */
export const accessErrors = defineProblems(
  { base: 'urn:faultline:errors:' },
  {
    TokenMissing: {
      status: 401,
      title: 'A token is needed.',
      detail: 'Send one as `Authorization: Bearer flt_…`; `faultline token create` makes one.',
      challenge: 'Bearer realm="faultline"',
    },
    TokenInvalid: {
      status: 401,
      title: 'The token is not valid.',
      detail: 'It is not known here, or it has been revoked.',
      challenge: 'Bearer realm="faultline", error="invalid_token"',
    },
    RoleTooLow: {
      status: 403,
      title: 'The token may not do this.',
      detail: ({ role, needed }) => `It has the role ${role}, and this needs ${needed}.`,
      extensions: Type.Object({ role: Type.String(), needed: Type.String() }),
    },
  },
)
