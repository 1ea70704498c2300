import type { ErrorReport, Reporter, RequestContext } from '@faultline/core'
import { LEVELS } from '@faultline/protocol'
import {
  isFunction,
  isObject,
  isReporter,
  type OptionCheck,
  optionMistakes,
  refuse,
} from '../config/check-options.js'
import { RETRY_CHECKS, type RetryOptions } from './retry.js'

/** What a guard does with an error beyond reporting it; without `fallback` it rethrows the very same value. */
export interface GuardOptions<Fallback = never> extends Pick<RequestContext, 'tags' | 'extra'> {
  /**
   * Is returned instead of throwing: a value, or what a function makes of the error. `undefined` is none: the error is rethrown. To
   * swallow it, write `() => undefined`.
   */
  fallback?: Fallback | ((error: unknown) => Fallback) | undefined
  /** Tries again first, and reports the last error only. The guarded function returns a promise. */
  retry?: RetryOptions | undefined
  /** Default: everything but problems that their catalogue does not report (statuses below 500). */
  shouldReport?: ((error: unknown) => boolean) | undefined
  /** Default: the problem's own, else `error`. */
  level?: ErrorReport['level'] | undefined
  /** What the collector is to group by; `{{ default }}` stands for what it would have taken. */
  fingerprint?: readonly string[] | undefined
  /** Default: the process's, which `createReporter` made. */
  reporter?: Reporter | undefined
}

/** Any function or method. */
export type AnyFunction = (...args: never[]) => unknown

/** The type of a guarded function: its own, with the fallback's value, as a promise where it is tried again. */
export type Guarded<Fn extends AnyFunction, Fallback, Retry> = [Fallback, Retry] extends [never, undefined]
  ? Fn
  : (
      this: ThisParameterType<Fn>,
      ...args: Parameters<Fn>
    ) => Retry extends undefined
      ? Outcome<ReturnType<Fn>, Fallback>
      : Promise<Awaited<ReturnType<Fn>> | Awaited<Fallback>>

type Outcome<Result, Fallback> = [Result] extends [never]
  ? Fallback
  : Result extends PromiseLike<infer Value>
    ? Promise<Value | Awaited<Fallback>>
    : Result | Fallback

const CHECKS: Readonly<Record<keyof GuardOptions, OptionCheck>> = {
  fallback: () => undefined,
  retry: isObject,
  shouldReport: isFunction,
  level: (value) =>
    (LEVELS as readonly unknown[]).includes(value) ? undefined : `must be one of ${LEVELS.join(', ')}`,
  tags: isObject,
  extra: isObject,
  fingerprint: (value) =>
    Array.isArray(value) && value.every((part) => typeof part === 'string')
      ? undefined
      : 'must be a list of texts',
  reporter: isReporter,
}

/** @throws InvalidConfiguration naming every mistake in the options of a guard. */
export function checkGuardOptions(owner: string, options: GuardOptions<unknown>): void {
  const mistakes = optionMistakes(owner, options, CHECKS)
  const retry = (options as GuardOptions | null)?.retry
  if (isObject(retry) === undefined) mistakes.push(...optionMistakes(`${owner}.retry`, retry, RETRY_CHECKS))
  refuse(mistakes)
}
