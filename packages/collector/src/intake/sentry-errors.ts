import { ProblemError } from '@faultline/core'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { intakeErrors } from './errors.js'

/** Refusals in the form that Sentry’s SDKs read; anything else goes on to the `errorPlugin` around as it is. */
export function answerErrorsAsSentry(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    if (!ProblemError.is(error) || intakeErrors.KeysUnreadable.is(error)) throw error
    return answer(error, reply)
  })
}

function answer(problem: ProblemError, reply: FastifyReply): FastifyReply {
  const { title, detail, headers } = problem
  const text = detail === undefined ? title : `${title} ${detail}`
  for (const name in headers) reply.header(name, headers[name])
  if (problem.status === 429) reply.header('x-sentry-rate-limits', rateLimitsOf(problem))
  return reply
    .code(statusOf(problem))
    .header('x-sentry-error', asHeader(text))
    .type('application/json')
    .send(JSON.stringify({ detail: text }))
}

/** To an SDK, 401 means that it has sent no key. */
function statusOf(problem: ProblemError): number {
  return intakeErrors.KeyUnknown.is(problem) ? 403 : problem.status
}

/**
 * Seconds, categories, scope, reason. The categories are named, as none would mean all of them, client reports too.
 * @see https://develop.sentry.dev/sdk/expected-features/rate-limiting/
 */
function rateLimitsOf({ headers }: ProblemError): string {
  return `${headers['retry-after']}:error;default:project:rate_limited`
}

/** Our own words, but a header takes nothing beyond ASCII. */
function asHeader(text: string): string {
  return text.replaceAll('’', "'").replaceAll(/[^\x20-\x7e]/g, '?')
}
