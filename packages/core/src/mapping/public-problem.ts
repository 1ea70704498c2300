import type { ResolvedDefinition } from '../catalogue/definition.js'
import type { ValidationIssue } from '../catalogue/problem-details.js'
import { definitionOf } from '../catalogue/problem-error.js'
import { isErrorStatus, statusPhrase } from '../catalogue/status-codes.js'
import { REMOTE_PROBLEM } from '../client/remote-problem.js'
import type { Happening } from '../handler/happening.js'
import type { Settings } from '../handler/settings.js'
import { Thrown } from '../thrown/thrown.js'
import { askMappings } from './ask-mappings.js'
import { type Recognised, recognise } from './known-libraries.js'
import { isStandardValidation } from './stand-ins.js'
import { claimedStatus, isStatusTrusted } from './trust-status.js'

/** Everything of an error that its client may see, and how the error is to be taken. Nothing else of it gets into an answer. */
export interface PublicProblem {
  definition: ResolvedDefinition
  /** Final; 400 to 599. */
  status: number
  title: string
  detail?: string | undefined
  extensions?: unknown
  errors?: readonly ValidationIssue[] | undefined
  truncated?: boolean | undefined
  instance?: string | undefined
  /** As the error has them; the allow-list comes later. */
  headers?: unknown
  severity: ResolvedDefinition['severity']
  level: ResolvedDefinition['level']
}

/**
 * Decides what a client may see of a thrown value. The first that knows it decides: the application's mappings, the catalogue's own
 * classes, the known libraries, a trusted status; anything else is a generic 500, with nothing taken from the error.
 */
export function publicProblem(happening: Happening): PublicProblem {
  const { thrown, settings } = happening
  const mapped = settings.mappings.length === 0 ? undefined : askMappings(settings.mappings, happening)
  return (
    (mapped === undefined ? undefined : fromCatalogue(new Thrown(mapped), settings)) ??
    fromCatalogue(thrown, settings) ??
    fromRemote(thrown, settings) ??
    fromLibrary(thrown, settings) ??
    fromStatus(happening)
  )
}

function fromCatalogue(thrown: Thrown, settings: Settings): PublicProblem | undefined {
  const thrownDefinition = definitionOf(thrown.value)
  if (thrownDefinition === undefined || thrown.read('origin') === 'remote') return undefined
  const definition = settings.standIns.forStandard(thrownDefinition) ?? thrownDefinition
  const status = isStandardValidation(definition) ? settings.validationStatus : definition.status
  return {
    definition,
    status: isErrorStatus(status) ? status : 500,
    title: definition.title,
    detail: definition.expose ? (thrown.readText('detail') ?? fixedDetail(definition)) : undefined,
    extensions: definition.expose ? thrown.read('extensions') : undefined,
    errors: thrown.read('errors') as PublicProblem['errors'],
    truncated: thrown.read('truncated') === true,
    instance: thrown.readText('instance'),
    headers: thrown.read('headers'),
    severity: (thrown.readText('severity') as PublicProblem['severity']) ?? definition.severity,
    level: definition.level,
  }
}

/** What another service answered is its problem with us, not our client's with us. */
function fromRemote(thrown: Thrown, settings: Settings): PublicProblem | undefined {
  const isRemote = thrown.isError ? definitionOf(thrown.value) !== undefined : isParsedProblem(thrown)
  return isRemote ? standIn({ status: 502 }, settings) : undefined
}

/** What `parseProblem` gave, or a copy of it, which has lost the mark. */
function isParsedProblem(thrown: Thrown): boolean {
  if (thrown.read(REMOTE_PROBLEM) === true) return true
  return (
    thrown.read('origin') === 'remote' &&
    thrown.readText('type') !== undefined &&
    thrown.readText('title') !== undefined
  )
}

function fromLibrary(thrown: Thrown, settings: Settings): PublicProblem | undefined {
  const recognised = recognise(thrown, settings.limits)
  return recognised && standIn(recognised, settings)
}

/** An error that nobody knows: at most its status is believed, or the one that the application had set before it threw. */
function fromStatus({ thrown, request, settings, warn }: Happening): PublicProblem {
  const claimed = claimedStatus(thrown)
  const isTrusted = claimed !== undefined && isStatusTrusted(thrown, settings.trustStatus)
  if (claimed !== undefined && !isTrusted) settings.warnOfDistrust(thrown, claimed, warn)
  // instrumentation sets the response's status from the error's: where the error claims one, that one is no word of the application
  const status = claimed === undefined ? request.status : isTrusted ? claimed : undefined
  const headers = isTrusted ? thrown.read('headers') : undefined
  const problem = standIn(isErrorStatus(status) ? { status, headers } : { status: 500 }, settings)
  return problem.status < 500 ? { ...problem, level: 'warning' } : problem
}

/** The problem for a status: the catalogue's entry of the standard name, else the standard one. */
function standIn(recognised: Recognised, settings: Settings): PublicProblem {
  const isValidation = recognised.isValidation === true
  const statusAsked = isValidation ? settings.validationStatus : recognised.status
  const { definition, isStandard } = settings.standIns.forStatus(statusAsked, isValidation)
  const status = isStandard ? statusAsked : definition.status
  return {
    definition,
    status,
    title: isStandard && !isValidation ? statusPhrase(status) : definition.title,
    detail: definition.expose ? (recognised.detail ?? fixedDetail(definition)) : undefined,
    errors: recognised.errors,
    truncated: recognised.truncated,
    headers: recognised.headers,
    severity: definition.severity,
    level: definition.level,
  }
}

function fixedDetail({ detail }: ResolvedDefinition): string | undefined {
  return typeof detail === 'string' ? detail : undefined
}
