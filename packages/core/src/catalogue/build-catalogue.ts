import type { ProblemDefinition, ResolvedDefinition } from './definition.js'
import { definedProperties, ProblemError, type ProblemInit, type ProblemOptions } from './problem-error.js'
import { problemHeaders } from './problem-headers.js'
import { resolveType } from './type-uri.js'

/** A definition as it stands in the code of an application, whatever its data. */
export type AnyDefinition = ProblemDefinition<never> & { extensions?: unknown }

/** A class of a catalogue, seen from inside: the types of its data are known to the application alone. */
export interface AnyProblemClass {
  new (...args: never[]): ProblemError
  readonly definition: ResolvedDefinition
  readonly prototype: ProblemError
}

export type AnyCatalogue = Readonly<Record<string, AnyProblemClass>>

/** Definitions → classes. Nothing is checked here; `defineProblems` is the front door. */
export function buildCatalogue(
  options: { base?: string; captureStack?: boolean },
  definitions: Readonly<Record<string, AnyDefinition>>,
): Record<string, AnyProblemClass> {
  const catalogue: Record<string, AnyProblemClass> = {}
  for (const [name, definition] of Object.entries(definitions)) {
    catalogue[name] = problemClass(resolve(name, definition, options))
  }
  return catalogue
}

function resolve(
  name: string,
  given: AnyDefinition,
  options: { base?: string; captureStack?: boolean },
): ResolvedDefinition {
  const isServerError = given.status >= 500
  const headers = problemHeaders(given, given.status)
  const hasHeaders = Object.keys(headers).length > 0
  return {
    name,
    type: resolveType(name, given.type, options.base),
    title: given.title,
    status: given.status,
    detail: given.detail as ResolvedDefinition['detail'],
    headers,
    hasHeaders,
    isPlain: !hasHeaders && Object.keys(given.translations ?? {}).length === 0,
    bodyStart: undefined,
    declaredHeaders: new Set(Object.keys(given.headers ?? {}).map((header) => header.toLowerCase())),
    severity: given.severity ?? (isServerError ? 'high' : 'low'),
    level: given.level ?? (isServerError ? 'error' : 'info'),
    shouldReport: given.shouldReport ?? isServerError,
    expose: given.expose ?? true,
    captureStack: given.captureStack ?? options.captureStack ?? isServerError,
    hasOwnCaptureStack: given.captureStack !== undefined,
    retryAfterSeconds: given.retryAfterSeconds,
    runbook: given.runbook,
    docs: given.docs,
    translations: (given.translations ?? {}) as ResolvedDefinition['translations'],
    extensions: given.extensions as ResolvedDefinition['extensions'],
  }
}

function problemClass(definition: ResolvedDefinition): AnyProblemClass {
  const takesData = definition.extensions !== undefined
  const Problem = class extends ProblemError {
    static readonly definition = definition
    constructor(...args: unknown[]) {
      const options = (takesData ? args[1] : args[0]) as ProblemOptions | undefined
      super(
        initOf(definition, takesData ? (args[0] as ProblemInit['extensions']) : undefined, options),
        definition,
      )
    }
  }
  Object.defineProperty(Problem, 'name', { value: definition.name })
  Object.defineProperties(Problem.prototype, definedProperties(definition))
  return Problem as unknown as AnyProblemClass
}

/** The options by name: spreading them would cost more than the rest of the throw. */
function initOf(
  { status }: ResolvedDefinition,
  extensions: ProblemInit['extensions'],
  options: ProblemOptions | null | undefined,
): ProblemInit {
  if (options == null) return { status, extensions }
  const { detail, cause, headers, retryAfterSeconds, retryAt, challenge, allow, upgrade, instance } = options
  return {
    status,
    extensions,
    detail,
    cause,
    headers,
    retryAfterSeconds,
    retryAt,
    challenge,
    allow,
    upgrade,
    instance,
  }
}
