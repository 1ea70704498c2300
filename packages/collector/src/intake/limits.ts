import type { ProblemError } from '@faultline/core'
import { intakeErrors } from './errors.js'
import type { RateLimit } from './rate-limit.js'

/** Why nothing can be taken just now, from nobody. */
export interface Pressure {
  retryAfterSeconds: number
  /** A sentence; the client gets to see it. */
  reason: string
}

/** What a request of this project would be refused with just now. */
export function refusalNow(
  projectId: number,
  { pressure, rateLimit, clockMs }: { pressure: Pressure | undefined; rateLimit: RateLimit; clockMs: number },
): ProblemError | undefined {
  if (pressure !== undefined) {
    const { retryAfterSeconds, reason } = pressure
    return new intakeErrors.NoRoom({ detail: reason, retryAfterSeconds })
  }
  const waitSeconds = rateLimit.waitSeconds(projectId, clockMs)
  return waitSeconds === 0 ? undefined : new intakeErrors.RateLimited({ retryAfterSeconds: waitSeconds })
}
