import type { Challenge, ResolvedDefinition, Severity } from './definition.js'
import { detailText } from './detail-text.js'
import type { ValidationIssue } from './problem-details.js'
import { ownHeaders } from './problem-headers.js'
import { isErrorStatus, statusPhrase } from './status-codes.js'
import { ABOUT_BLANK } from './type-uri.js'

/** What can be said at the throw. */
export interface ProblemOptions {
  /** Public text; wins over the definition's. */
  detail?: string
  /** What went wrong underneath. For the log and the report, never for the client. */
  cause?: unknown
  headers?: Readonly<Record<string, string>>
  /** `Retry-After` in seconds. */
  retryAfterSeconds?: number
  /** `Retry-After` as a date. */
  retryAt?: Date
  challenge?: Challenge
  allow?: readonly string[]
  upgrade?: string
  /** A URI reference for this happening. Default: `urn:uuid:` and the event's id. */
  instance?: string
}

/** A problem without a definition: what a mapping returns, what `new ProblemError()` takes. */
export interface ProblemInit extends ProblemOptions {
  status: number
  /** Default: `about:blank`. */
  type?: string
  /** Default: the status' phrase. */
  title?: string
  extensions?: Readonly<Record<string, unknown>>
  errors?: readonly ValidationIssue[]
  /** There were more `errors` than are listed. */
  truncated?: boolean
  severity?: Severity
  /** `remote`: parsed from another service's answer. Default: `local`. */
  origin?: 'local' | 'remote'
}

/** Under this key an instance shows its definition, so that two copies of this package know each other's errors. */
export const DEFINITION = Symbol.for('@faultline/problem-definition')

const NO_HEADERS = Object.freeze({})
const NO_NAMES: ReadonlySet<string> = new Set()
/** The extensions of a problem that has none. */
export const NO_EXTENSIONS: Readonly<Record<string, unknown>> = Object.freeze({})

/**
 * An error whose `type`, `title`, `status`, `detail` and `extensions` may be shown to a client.
 * The classes of a catalogue extend it; `statusCode` and `expose` serve code that was written for http-errors.
 */
export class ProblemError extends Error {
  declare readonly name: string
  declare readonly type: string
  declare readonly title: string
  declare readonly status: number
  declare readonly statusCode: number
  declare readonly expose: boolean
  declare readonly severity: Severity
  declare readonly origin: 'local' | 'remote'
  declare readonly detail: string | undefined
  declare readonly instance: string | undefined
  declare readonly extensions: Readonly<Record<string, unknown>>
  declare readonly headers: Readonly<Record<string, string | string[]>>
  declare readonly errors: readonly ValidationIssue[] | undefined
  declare readonly truncated: boolean | undefined
  declare readonly [DEFINITION]: ResolvedDefinition

  /**
   * @param init What the client sees, and the cause that it does not.
   * @param definition The definition behind it; made from `init` when there is none.
   */
  constructor(init: ProblemInit, definition: ResolvedDefinition = adHocDefinition(init)) {
    const stackTraceLimit = Error.stackTraceLimit
    const detail =
      typeof init.detail === 'string' ? init.detail : detailText(definition.detail, init.extensions)
    if (!definition.captureStack) limitStack(0)
    super(detail ?? definition.title, init.cause === undefined ? undefined : { cause: init.cause })
    if (!definition.captureStack) limitStack(stackTraceLimit)
    if (new.target === ProblemError) Object.defineProperties(this, definedProperties(definition))
    if (detail !== undefined) set(this, 'detail', detail)
    if (init.extensions !== undefined) set(this, 'extensions', init.extensions)
    if (init.instance !== undefined) set(this, 'instance', init.instance)
    const headers = ownHeaders(init, definition)
    if (headers !== undefined) set(this, 'headers', headers)
    if (init.errors !== undefined) set(this, 'errors', init.errors)
    if (init.truncated) set(this, 'truncated', true)
    if (init.severity !== undefined) set(this, 'severity', init.severity)
    if (init.origin !== undefined) set(this, 'origin', init.origin)
  }

  /** Is it a problem of any catalogue (asked of a catalogue's class: of that definition), from whatever copy of this package or realm? Never throws. */
  static is(this: unknown, value: unknown): value is ProblemError {
    const definition = definitionOf(value)
    // biome-ignore lint/complexity/noThisInStatic: asked of a catalogue's class, it means that class
    const asked = (this as { definition?: ResolvedDefinition } | undefined)?.definition
    return definition !== undefined && (asked === undefined || isSame(definition, asked))
  }
}

/** The definition that a value carries if it is a problem, from whatever copy of this package. Never throws. */
export function definitionOf(value: unknown): ResolvedDefinition | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    const definition = (value as { [DEFINITION]?: ResolvedDefinition })[DEFINITION]
    return typeof definition === 'object' && definition !== null ? definition : undefined
  } catch {
    return undefined
  }
}

/** What every instance of a definition shares; it stands on the prototype, so that a throw costs little. */
export function definedProperties(definition: ResolvedDefinition): PropertyDescriptorMap {
  const values: Record<PropertyKey, unknown> = {
    name: definition.name,
    type: definition.type,
    title: definition.title,
    status: definition.status,
    statusCode: definition.status,
    expose: definition.expose,
    severity: definition.severity,
    origin: 'local',
    extensions: NO_EXTENSIONS,
    headers: definition.headers,
    [DEFINITION]: definition,
  }
  const descriptors: PropertyDescriptorMap = {}
  for (const key of Reflect.ownKeys(values)) {
    descriptors[key as string] = { value: values[key], writable: true, configurable: true, enumerable: false }
  }
  return descriptors
}

function adHocDefinition(init: ProblemInit): ResolvedDefinition {
  const status = isErrorStatus(init.status) ? init.status : 500
  return {
    name: 'ProblemError',
    type: typeof init.type === 'string' ? init.type : ABOUT_BLANK,
    title: typeof init.title === 'string' ? init.title : statusPhrase(status),
    status,
    detail: undefined,
    headers: NO_HEADERS,
    hasHeaders: false,
    isPlain: true,
    bodyStart: undefined,
    severity: status >= 500 ? 'high' : 'low',
    level: status >= 500 ? 'error' : 'info',
    shouldReport: status >= 500,
    expose: isErrorStatus(init.status), // what was meant for another status is not for everybody
    captureStack: status >= 500,
    hasOwnCaptureStack: false,
    translations: {},
    declaredHeaders: NO_NAMES,
    retryAfterSeconds: undefined,
    runbook: undefined,
    docs: undefined,
    extensions: undefined,
  }
}

/** Under `--frozen-intrinsics` it cannot be set; the stack is then captured, which only costs time. */
function limitStack(limit: number): void {
  try {
    Error.stackTraceLimit = limit
  } catch {}
}

function set(error: ProblemError, key: keyof ProblemError, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: true })
}

function isSame(a: ResolvedDefinition, b: ResolvedDefinition): boolean {
  return a === b || (a.name === b.name && a.type === b.type && a.status === b.status)
}
