import type { ProblemError } from '@faultline/core'
import { intakeErrors } from './errors.js'
import type { RateLimit } from './rate-limit.js'

/** Why nothing can be taken just now, from nobody. */
export interface Pressure {
  status: 429 | 503
  retryAfterSeconds: number
  /** A sentence; the client gets to see it. */
  reason: string
}

/** What a request of this project would be refused with just now. */
export function refusalNow(
  projectId: number,
  { pressure, rateLimit, now }: { pressure: Pressure | undefined; rateLimit: RateLimit; now: number },
): ProblemError | undefined {
  if (pressure !== undefined) {
    const { status, retryAfterSeconds, reason } = pressure
    const Refusal = status === 429 ? intakeErrors.SlowDown : intakeErrors.NoRoom
    return new Refusal({ detail: reason, retryAfterSeconds })
  }
  const waitSeconds = rateLimit.waitSeconds(projectId, now)
  return waitSeconds === 0 ? undefined : new intakeErrors.RateLimited({ retryAfterSeconds: waitSeconds })
}
