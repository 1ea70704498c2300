import type { ProblemError, ProblemInit } from '../catalogue/problem-error.js'

/** What a mapping may answer; `undefined` declines, and the next mapping is asked. */
export type MappingAnswer = ProblemError | ProblemInit | undefined

/** How a mapping answers. Synchronous: a promise counts as declined. */
export type MapTo<Err> = (error: Err, request: unknown) => MappingAnswer

export interface MappingOptions {
  /** Also ask for the causes of what was thrown, nearest first. The log keeps the outer error. Default: `false`. */
  causes?: boolean
}

/** One entry of the option `mappings`; made by `mapError` and `mapErrorWhen`. */
export interface Mapping {
  readonly matches: (error: unknown) => boolean
  readonly to: MapTo<never>
  readonly causes: boolean
  /** The class it is about, for the order; none for a predicate. */
  readonly errorClass: ErrorClass<unknown> | undefined
}

export interface ErrorClass<Err> {
  readonly prototype: Err
}

/**
 * Maps the errors of a class, and of those derived from it, to a problem. Of two mappings the more specific class is asked first,
 * whatever their order.
 */
export function mapError<Err>(
  errorClass: ErrorClass<Err>,
  to: MapTo<Err>,
  options: MappingOptions = {},
): Mapping {
  if (typeof errorClass !== 'function')
    throw new TypeError(`mapError needs a class, not ${String(errorClass)}`)
  return {
    matches: (error) => error instanceof (errorClass as unknown as new () => Err),
    to: to as MapTo<never>,
    causes: options.causes ?? false,
    errorClass,
  }
}

/** Maps what a predicate accepts, a type guard or a plain one. Predicates are asked after classes, in their order. */
export function mapErrorWhen<Err>(
  predicate: (error: unknown) => error is Err,
  to: MapTo<Err>,
  options?: MappingOptions,
): Mapping
export function mapErrorWhen(
  // biome-ignore lint/suspicious/noExplicitAny: as in a catch clause, anything may have been thrown, and a predicate looks for marks
  predicate: (error: any) => boolean,
  // biome-ignore lint/suspicious/noExplicitAny: the same
  to: MapTo<any>,
  options?: MappingOptions,
): Mapping
export function mapErrorWhen(
  predicate: (error: unknown) => boolean,
  to: MapTo<never>,
  options: MappingOptions = {},
): Mapping {
  return { matches: predicate, to, causes: options.causes ?? false, errorClass: undefined }
}

/** Derived classes before their bases, predicates last; otherwise as given. */
export function mostSpecificFirst(mappings: readonly Mapping[]): Mapping[] {
  return [...mappings].sort((a, b) => depthOf(b.errorClass) - depthOf(a.errorClass))
}

/** How many classes stand above: a derived class is always deeper than its base. */
function depthOf(errorClass: Mapping['errorClass']): number {
  let depth = 0
  for (let proto: unknown = errorClass?.prototype; proto != null; proto = Object.getPrototypeOf(proto))
    depth++
  return depth
}
