import type { AnyCatalogue, AnyProblemClass } from '../catalogue/build-catalogue.js'
import type { ResolvedDefinition } from '../catalogue/definition.js'
import { standardProblems } from '../catalogue/standard-problems.js'
import { statusName } from '../catalogue/status-codes.js'
import { type Mapping, mostSpecificFirst } from '../mapping/mappings.js'
import type { TrustStatus } from '../mapping/trust-status.js'
import { createRedactor, type Redactor } from '../redaction/redact.js'
import type { Thrown } from '../thrown/thrown.js'
import type { Complain } from './ask.js'
import { checkOptions } from './check-options.js'
import type { ErrorHandlerOptions, Limits } from './options.js'

/** The definition that stands for a bare status, and whether it is the suite's own. */
export interface StandIn {
  definition: ResolvedDefinition
  isStandard: boolean
}

/** The options with every default filled in, and what is worked out from them once. */
export interface Settings {
  options: ErrorHandlerOptions
  mappings: readonly Mapping[]
  limits: Limits
  redactor: Redactor
  trustStatus: TrustStatus
  validationStatus: 400 | 422
  hasDebug: boolean
  standInFor(status: number, isValidation: boolean): StandIn
  /** What the application's catalogue has in place of a standard problem. */
  replacementFor(definition: ResolvedDefinition): ResolvedDefinition | undefined
  /** `true` the first time it is asked of a key: a mistake that comes with every error is told once. */
  isFirst(key: string): boolean
  warnOfDistrust(thrown: Thrown, status: number, complain: Complain): void
}

const DEFAULT_LIMITS: Limits = { bodyBytes: 65_536, logBytes: 65_536, causes: 10, errors: 100 }
const MAX_WARNINGS = 1000
const STANDARD = standardProblems as unknown as AnyCatalogue

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptions naming every mistake.
 */
export function settle(options: ErrorHandlerOptions): Settings {
  checkOptions(options)
  const catalogue = (options.problems ?? STANDARD) as AnyCatalogue
  if (options.captureStack === 'always') captureStacks(catalogue)
  return {
    options,
    mappings: mostSpecificFirst(options.mappings ?? []),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    redactor: createRedactor(options.redact),
    trustStatus: options.trustStatus ?? 'plain',
    validationStatus: options.validationStatus ?? 400,
    hasDebug: hasDebug(options.debug),
    standInFor: standIns(catalogue),
    replacementFor: ({ name, type }) =>
      STANDARD[name]?.definition.type === type ? ownDefinition(catalogue, name) : undefined,
    isFirst: firstTimes(),
    warnOfDistrust: distrustWarnings(),
  }
}

/** Stacks and causes reach clients only where NODE_ENV says, in so many words, that nobody else is there. */
function hasDebug(debug: ErrorHandlerOptions['debug']): boolean {
  if (debug === 'even-in-production') return true
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  const environment = process?.env?.NODE_ENV
  return debug === true && (environment === 'development' || environment === 'test')
}

function captureStacks(catalogue: AnyCatalogue): void {
  for (const { definition } of Object.values(catalogue)) definition.captureStack = true
}

/** Looks a status up once: in the catalogue by its standard name, then among the standard problems. */
function standIns(catalogue: AnyCatalogue): Settings['standInFor'] {
  const known = new Map<string, StandIn>()
  return (status, isValidation) => {
    const key = isValidation ? `validation ${status}` : String(status)
    let standIn = known.get(key)
    if (standIn === undefined) {
      const own =
        (isValidation && ownDefinition(catalogue, 'ValidationFailed')) ||
        ownDefinition(catalogue, statusName(status))
      standIn = own
        ? { definition: own, isStandard: false }
        : { definition: standardDefinition(status, isValidation), isStandard: true }
      known.set(key, standIn)
    }
    return standIn
  }
}

/** What the application defined itself under a standard name. */
function ownDefinition(catalogue: AnyCatalogue, name: string): ResolvedDefinition | undefined {
  const own = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined
  return own === STANDARD[name] ? undefined : own?.definition
}

/** A status that has no name here is taken as the first of its class, as RFC 9110 §15 has clients do. */
function standardDefinition(status: number, isValidation: boolean): ResolvedDefinition {
  const name = isValidation ? 'ValidationFailed' : statusName(status)
  const standard = STANDARD[name] ?? STANDARD[status < 500 ? 'BadRequest' : 'InternalServerError']
  return (standard as AnyProblemClass).definition
}

/** Bounded, for the keys may come from errors. */
function firstTimes(): Settings['isFirst'] {
  const seen = new Set<string>()
  return (key) => seen.size < MAX_WARNINGS && seen.size !== seen.add(key).size
}

/** One warning a class: an upstream's 401 must not log our client out, yet nobody should have to guess why it became a 500. */
function distrustWarnings(): Settings['warnOfDistrust'] {
  const warned = new WeakSet<object>()
  return (thrown, status, complain) => {
    const prototype = thrown.prototype()
    if (prototype == null || warned.has(prototype)) return
    warned.add(prototype)
    const name = thrown.typeName()
    complain(
      'trustStatus',
      new TypeError(
        `The status ${status} of a ${name} was not believed, for it may be an upstream's; the client got a 500. ` +
          `If it is your own class, add mapError(${name}, …) to the option mappings, or set trustStatus: true`,
      ),
    )
  }
}
