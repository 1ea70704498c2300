import type { AnyCatalogue } from '../catalogue/build-catalogue.js'
import { standardProblems } from '../catalogue/standard-problems.js'
import { type Mapping, mostSpecificFirst } from '../mapping/mappings.js'
import { type StandIns, standInsOf } from '../mapping/stand-ins.js'
import { distrustWarnings, type WarnOfDistrust } from '../mapping/trust-status.js'
import { createRedactor, type Redactor } from '../redaction/redact.js'
import { checkOptions } from './check-options.js'
import type { ErrorHandlerOptions, Limits, TrustStatus } from './options.js'

/** The options with every default filled in, and what is worked out from them once. */
export interface Settings {
  options: ErrorHandlerOptions
  mappings: readonly Mapping[]
  limits: Limits
  redactor: Redactor
  trustStatus: TrustStatus
  validationStatus: 400 | 422
  hasDebug: boolean
  /** No option looks at what a plain problem says. */
  isPlain: boolean
  standIns: StandIns
  /** `true` the first time it is asked of a key: a mistake that comes with every error is told once. */
  isFirstTime(key: string): boolean
  warnOfDistrust: WarnOfDistrust
}

const DEFAULT_LIMITS: Limits = { bodyBytes: 65_536, logBytes: 65_536, causes: 10, errors: 100 }
const MAX_WARNINGS = 1000

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptions naming every mistake.
 */
export function resolveOptions(options: ErrorHandlerOptions): Settings {
  checkOptions(options)
  const catalogue = (options.problems ?? standardProblems) as AnyCatalogue
  if (options.captureStack === 'always') captureStacks(catalogue)
  return {
    options,
    mappings: mostSpecificFirst(options.mappings ?? []),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    redactor: createRedactor(options.redact),
    trustStatus: options.trustStatus ?? 'plain',
    validationStatus: options.validationStatus ?? 400,
    hasDebug: hasDebug(options.debug),
    isPlain: isPlain(options),
    standIns: standInsOf(catalogue),
    isFirstTime: firstTimes(),
    warnOfDistrust: distrustWarnings(),
  }
}

function isPlain({ customize, instance, html, legacyBody, debug }: ErrorHandlerOptions): boolean {
  return !customize && !instance && !html && !legacyBody && !debug
}

/** Stacks and causes reach clients only where NODE_ENV says, in so many words, that nobody else is there. */
function hasDebug(debug: ErrorHandlerOptions['debug']): boolean {
  if (debug === 'even-in-production') return true
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  const environment = process?.env?.NODE_ENV
  return debug === true && (environment === 'development' || environment === 'test')
}

function captureStacks(catalogue: AnyCatalogue): void {
  for (const { definition } of Object.values(catalogue)) {
    if (!definition.hasOwnCaptureStack) definition.captureStack = true
  }
}

/** Bounded, for the keys may come from errors. */
function firstTimes(): Settings['isFirstTime'] {
  const seen = new Set<string>()
  return (key) => seen.size < MAX_WARNINGS && seen.size !== seen.add(key).size
}
