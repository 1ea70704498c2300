export type {
  Catalogue,
  CatalogueError,
  DataOf,
  Definition,
  ProblemClass,
} from './catalogue/catalogue-types.js'
export { type CatalogueOptions, defineProblems } from './catalogue/define-problems.js'
export type {
  Challenge,
  Level,
  ProblemDefinition,
  ResolvedDefinition,
  Severity,
  Translation,
} from './catalogue/definition.js'
export { problem } from './catalogue/problem.js'
export { PROBLEM_MEDIA_TYPE, type ProblemDetails, type ValidationIssue } from './catalogue/problem-details.js'
export { ProblemError, type ProblemInit, type ProblemOptions } from './catalogue/problem-error.js'
export { type StandardProblems, standardProblems } from './catalogue/standard-problems.js'
export {
  addBreadcrumb,
  addContext,
  type Breadcrumb,
  currentContext,
  type RequestContext,
  runWithContext,
  setTag,
  setUser,
} from './context/request-context.js'
export { parseTraceparent } from './context/trace.js'
export { type ProblemPage, problemPages } from './documents/problem-pages.js'
export { problemResponses } from './documents/problem-responses.js'
export { createErrorHandler, type ErrorHandler } from './handler/create-error-handler.js'
export type { ErrorRequest, Logger, Phase } from './handler/error-request.js'
export type { HandledError } from './handler/handled-error.js'
export type { ErrorHandlerOptions, ErrorOccasion, Limits, TrustStatus } from './handler/options.js'
export {
  type Mapping,
  type MappingAnswer,
  type MappingOptions,
  mapError,
  mapErrorWhen,
} from './mapping/mappings.js'
export { passThrough } from './mapping/pass-through.js'
export { validationErrors, validationFailed } from './mapping/validation-errors.js'
export { type NodeResponse, sendHandled, toResponse } from './node/respond.js'
export { type RedactOptions, redact } from './redaction/redact.js'
export {
  combineReporters,
  type ErrorReport,
  type RepeatedError,
  type ReportedException,
  type ReportedRequest,
  type Reporter,
} from './reporting/reporter.js'
export { type SerializedError, type SerializeOptions, serializeError } from './thrown/serialize-error.js'
