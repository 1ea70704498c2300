import type { Reporter } from '@faultline/core'
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker as circuitBreakerPolicy,
  handleWhen,
} from 'cockatiel'
import {
  checkOptions,
  isCount,
  isFunction,
  isMs,
  isReporter,
  type OptionCheck,
} from '../config/check-options.js'
import { nodeErrors } from '../errors.js'
import { judge } from './judge.js'
import { reportCaught } from './report-caught.js'

export interface CircuitBreakerOptions {
  /** What is called through it, for logs and reports: `payments`. Clients never see it. */
  name: string
  /** Failures one after another that open it. Default: 5. */
  failures?: number | undefined
  /** How long it stays open before one call may try again. Default: 10000. */
  halfOpenAfterMs?: number | undefined
  /** Which errors count. Default: everything but problems that their catalogue does not report (statuses below 500). */
  isFailure?: ((error: unknown) => boolean) | undefined
  /** Is told when it opens. Default: the process's. */
  reporter?: Reporter | undefined
}

/** Keeps calls from a service that is down. Share one among all calls of a service. */
export interface CircuitBreaker {
  /** `half-open` while one call tries; the others wait for what becomes of it. */
  readonly state: 'closed' | 'open' | 'half-open'
  /**
   * Runs a function unless the circuit is open.
   * @throws CircuitOpen at once while it is open: a 503 with Retry-After where the error handler meets it. Rejects as the function does.
   */
  execute<Result>(run: () => Result): Promise<Awaited<Result>>
}

const CHECKS: Readonly<Record<keyof CircuitBreakerOptions, OptionCheck>> = {
  name: (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be a text'),
  failures: isCount,
  halfOpenAfterMs: isMs,
  isFailure: isFunction,
  reporter: isReporter,
}

/**
 * A circuit breaker. Its opening is reported once (as CircuitOpen, a warning), and not again before it has been closed.
 * @throws InvalidConfiguration naming every mistake in the options.
 */
export function circuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  checkOptions('circuitBreaker', { ...options, name: options?.name ?? '' }, CHECKS)
  const { name, failures = 5, halfOpenAfterMs = 10_000, isFailure, reporter } = options
  const policy = circuitBreakerPolicy(
    handleWhen((error) => judge(error, isFailure)),
    {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: halfOpenAfterMs,
    },
  )
  let openedAtMs = 0
  let isReported = false
  const refusal = () => {
    const leftMs = openedAtMs + halfOpenAfterMs - Date.now()
    const retryAfterSeconds = Math.max(1, Math.ceil(leftMs / 1000))
    return new nodeErrors.CircuitOpen({ circuit: name }, { retryAfterSeconds, cause: lastError(policy) })
  }
  policy.onReset(() => {
    isReported = false
  })
  policy.onBreak(() => {
    openedAtMs = Date.now()
    if (isReported) return
    isReported = true
    const context = { tags: { circuit: name }, extra: { failures } }
    reportCaught(refusal(), { mechanism: 'guard', context, reporter })
  })
  return {
    get state() {
      return STATES[policy.state]
    },
    async execute<Result>(run: () => Result): Promise<Awaited<Result>> {
      let hasRun = false
      try {
        return await policy.execute(async (): Promise<Awaited<Result>> => {
          hasRun = true
          return await run()
        })
      } catch (error) {
        throw hasRun ? error : refusal()
      }
    },
  }
}

const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
} as const

function lastError({ lastFailure }: CircuitBreakerPolicy): unknown {
  return lastFailure && 'error' in lastFailure ? lastFailure.error : undefined
}
