import { setTimeout as delay } from 'node:timers/promises'
import { addBreadcrumb, currentContext, serializeError } from '@faultline/core'
import { ExponentialBackoff, TimeoutStrategy, timeout } from 'cockatiel'
import {
  checkOptions,
  isCount,
  isFunction,
  isMs,
  isPositiveMs,
  isSignal,
  type OptionCheck,
} from '../config/check-options.js'
import { nodeErrors } from '../errors.js'
import { judge } from './judge.js'

export interface RetryOptions {
  /** How often it is tried at most, the first time included. Default: 3. */
  attempts?: number | undefined
  /** The first delay, about; each is about twice the one before, with jitter. Default: 100. */
  delayMs?: number | undefined
  /** Default: 30000. */
  maxDelayMs?: number | undefined
  /** What an attempt may take, from 1. Default: any time. */
  timeoutMs?: number | undefined
  /** Ends it: no further attempt is begun. */
  signal?: AbortSignal | undefined
  /** Default: everything but problems that their catalogue does not report (statuses below 500). */
  shouldRetry?: ((error: unknown) => boolean) | undefined
}

/** What an attempt learns. */
export interface Attempt {
  /** 1 is the first. */
  attempt: number
  /** Aborts when this attempt has timed out, or when the signal of the options aborts. */
  signal: AbortSignal
}

export const RETRY_CHECKS: Readonly<Record<keyof RetryOptions, OptionCheck>> = {
  attempts: isCount,
  delayMs: isMs,
  maxDelayMs: isMs,
  timeoutMs: isPositiveMs,
  signal: isSignal,
  shouldRetry: isFunction,
}

/**
 * Runs a function, again where it fails: after a delay that grows exponentially, with jitter. Each failure is a breadcrumb of the
 * current context.
 * @param run May be sync; is handed the number of the attempt and a signal.
 * @returns What it returned. Rejects with the last error, with TimedOut where the last attempt took too long, or with the reason of
 * `signal`.
 * @throws InvalidConfiguration naming every mistake in the options.
 */
export async function retry<Result>(
  run: (attempt: Attempt) => Result,
  options: RetryOptions = {},
): Promise<Awaited<Result>> {
  checkOptions('retry', options, RETRY_CHECKS)
  const { attempts = 3, delayMs = 100, maxDelayMs = 30_000 } = options
  const signal = options.signal ?? new AbortController().signal
  // cockatiel's own loop waits its delay out and tries once more after an abort, so that only its back-off is taken
  let backoff = new ExponentialBackoff({ initialDelay: delayMs, maxDelay: maxDelayMs }).next()
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await runOnce(run, { attempt, signal }, options.timeoutMs)
    } catch (error) {
      noteFailure(error, attempt, attempts)
      if (attempt >= attempts || !judge(error, options.shouldRetry)) throw error
    }
    await delay(backoff.duration, undefined, { signal }).catch(() => undefined) // the reason is thrown above
    backoff = backoff.next(undefined)
  }
}

async function runOnce<Result>(
  run: (attempt: Attempt) => Result,
  { attempt, signal }: Attempt,
  timeoutMs: number | undefined,
): Promise<Awaited<Result>> {
  if (timeoutMs === undefined) return await run({ attempt, signal })
  // A body that is still being read must not be aborted because its response is there.
  const policy = timeout(timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false })
  let own: AbortSignal | undefined
  try {
    return await policy.execute(async (context) => {
      own = context.signal
      return await run({ attempt, signal: own })
    }, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (own?.aborted) throw new nodeErrors.TimedOut({ timeoutMs }, { cause: error })
    throw error
  }
}

function noteFailure(error: unknown, attempt: number, attempts: number): void {
  if (currentContext() === undefined) return // nobody to remember it
  const { type, message } = serializeError(error, { bytes: 2048, causes: 0 })
  addBreadcrumb({
    category: 'retry',
    level: 'warning',
    message: `Attempt ${attempt} of ${attempts} failed: ${type}: ${message}`,
  })
}
