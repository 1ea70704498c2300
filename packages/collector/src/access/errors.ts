import { defineProblems } from '@faultline/core'
import { Type } from '@sinclair/typebox'

/** Who may not; each has its section in docs/errors.md. @see RFC 6750 §3 for the challenges */
export const accessErrors = defineProblems(
  { base: 'urn:faultline:errors:' },
  {
    TokenMissing: {
      status: 401,
      title: 'A token is needed.',
      detail: 'Sign in, or send one as `Authorization: Bearer flt_…`; `faultline token create` makes one.',
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
      title: 'This needs a higher role.',
      detail: ({ role, needed }) => `It has the role ${role}, and this needs ${needed}.`,
      extensions: Type.Object({ role: Type.String(), needed: Type.String() }),
    },
    SessionEnded: {
      status: 401,
      title: 'The session has ended.',
      detail: 'Sign in again.',
      challenge: 'Bearer realm="faultline"',
    },
    CsrfTokenInvalid: {
      status: 403,
      title: 'The CSRF token is missing or wrong.',
      detail: 'Send the `csrfToken` of `GET /api/v1/session` as `x-csrf-token` with every change.',
    },
    LoginFailed: {
      status: 401,
      title: 'E-mail address or password is wrong.',
      detail: 'An administrator can make a new one-time link, and so can `faultline user reset`.',
      challenge: 'Bearer realm="faultline"',
    },
    PasswordWrong: {
      status: 403,
      title: 'The current password is wrong.',
    },
    TooManyLogins: {
      status: 429,
      title: 'There have been too many attempts to sign in.',
      detail: 'Of this account, from this address, or in all. `Retry-After` says when to come back.',
    },
    LinkInvalid: {
      status: 410,
      title: 'The link is not valid any more.',
      detail:
        'It has been used, is older than 24 hours, or a newer one was made. `faultline user reset` prints a new one.',
    },
  },
)
