import { refuse } from '../config/check-options.js'
import { guard } from './guard.js'
import { type AnyFunction, checkGuardOptions, type GuardOptions } from './guard-options.js'

/** Decorates a method, by the standard of TC39 or by TypeScript's `experimentalDecorators`. */
export interface GuardedMethod<Method extends AnyFunction> {
  <Own extends Method>(method: Own, context: { readonly kind: 'method' }): Own
  <Own extends Method>(
    prototype: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<Own>,
  ): TypedPropertyDescriptor<Own>
}

/**
 * Guards a method: `@guarded()`, `@guarded({ fallback: null })`. A fallback must be of the type that the method returns, which no
 * decorator can check; with `retry` the method must return a promise.
 * @throws InvalidConfiguration naming every mistake in the options, or where it stands on something else than a method.
 */
export function guarded(
  options: GuardOptions<unknown> & { retry: object },
): GuardedMethod<(...args: never[]) => PromiseLike<unknown>>
export function guarded(options?: GuardOptions<unknown>): GuardedMethod<AnyFunction>
export function guarded(options: GuardOptions<unknown> = {}, ...more: unknown[]): unknown {
  if (more.length > 0 || typeof options === 'function')
    refuse(['guarded: write it with parentheses: @guarded()'])
  checkGuardOptions('guarded', options)
  return (target: unknown, context: { kind?: string } | string | symbol, descriptor?: PropertyDescriptor) => {
    if (typeof context === 'object') {
      if (context.kind !== 'method') refuse([`guarded: stands on a ${context.kind}, and is for methods`])
      return guard(target as AnyFunction, options)
    }
    const method: unknown = descriptor?.value
    if (typeof method !== 'function') refuse(['guarded: stands on something else than a method'])
    return { ...descriptor, value: guard(method as AnyFunction, options) }
  }
}
