import { refuse } from '../config/check-options.js'
import { type AnyFunction, checkGuardOptions, type Guarded, type GuardOptions } from './guard-options.js'
import { judge } from './judge.js'
import { reportCaught } from './report-caught.js'
import { type RetryOptions, retry } from './retry.js'

type Callable = (this: unknown, ...args: unknown[]) => unknown

/**
 * A function that reports what the given one throws or rejects with. It then rethrows the very same value, or returns the fallback;
 * with `retry` it has tried again before. Generators are left alone: what is thrown while one is read is not the call's.
 * @param fn Sync or async; `this`, parameters, name and length stay. A thenable that it returns becomes a promise.
 * @throws InvalidConfiguration naming every mistake in the options.
 */
export function guard<Fn extends AnyFunction>(fn: Fn, options?: GuardOptions & { retry?: undefined }): Fn
export function guard<
  Fn extends AnyFunction,
  Fallback = never,
  Retry extends RetryOptions | undefined = undefined,
>(fn: Fn, options: GuardOptions<Fallback> & { retry?: Retry }): Guarded<Fn, Fallback, Retry>
export function guard(fn: AnyFunction, options: GuardOptions<unknown> = {}): unknown {
  if (typeof fn !== 'function') refuse(['guard: takes a function'])
  checkGuardOptions('guard', options)
  const run = fn as unknown as Callable
  const caught = (error: unknown) => handle(error, options)
  const guarded = options.retry
    ? retried(run, options, options.retry)
    : function (this: unknown, ...args: unknown[]): unknown {
        let result: unknown
        try {
          result = run.apply(this, args)
        } catch (error) {
          return caught(error)
        }
        return isThenable(result) ? Promise.resolve(result).then(undefined, caught) : result
      }
  // frameworks tell handlers apart by their length, and stacks by their names
  return Object.defineProperties(guarded, {
    name: { value: run.name, configurable: true },
    length: { value: run.length, configurable: true },
  })
}

function retried(run: Callable, options: GuardOptions<unknown>, retryOptions: RetryOptions): Callable {
  return async function (this: unknown, ...args) {
    let attempts = 0
    const attempt = () => {
      attempts++
      return run.apply(this, args)
    }
    try {
      return await retry(attempt, retryOptions)
    } catch (error) {
      return handle(error, { ...options, extra: { ...options.extra, attempts } })
    }
  }
}

/** Reports an error, then does with it what the options say. */
function handle(error: unknown, options: GuardOptions<unknown>): unknown {
  const { reporter, level, fingerprint, tags, extra, fallback } = options
  if (judge(error, options.shouldReport))
    reportCaught(error, { mechanism: 'guard', reporter, level, fingerprint, context: { tags, extra } })
  if (fallback === undefined) throw error
  return typeof fallback === 'function' ? fallback(error) : fallback
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  try {
    return typeof (value as { then?: unknown }).then === 'function'
  } catch {
    return false
  }
}
