import { type AnyDefinition, buildCatalogue } from './build-catalogue.js'
import type { ProblemClass } from './catalogue-types.js'
import { ERROR_STATUSES, statusName, statusPhrase } from './status-codes.js'

interface StatusByName {
  BadRequest: 400
  Unauthorized: 401
  PaymentRequired: 402
  Forbidden: 403
  NotFound: 404
  MethodNotAllowed: 405
  NotAcceptable: 406
  ProxyAuthenticationRequired: 407
  RequestTimeout: 408
  Conflict: 409
  Gone: 410
  LengthRequired: 411
  PreconditionFailed: 412
  PayloadTooLarge: 413
  URITooLong: 414
  UnsupportedMediaType: 415
  RangeNotSatisfiable: 416
  ExpectationFailed: 417
  ImATeapot: 418
  MisdirectedRequest: 421
  UnprocessableEntity: 422
  Locked: 423
  FailedDependency: 424
  TooEarly: 425
  UpgradeRequired: 426
  PreconditionRequired: 428
  TooManyRequests: 429
  RequestHeaderFieldsTooLarge: 431
  UnavailableForLegalReasons: 451
  InternalServerError: 500
  NotImplemented: 501
  BadGateway: 502
  ServiceUnavailable: 503
  GatewayTimeout: 504
  HTTPVersionNotSupported: 505
  VariantAlsoNegotiates: 506
  InsufficientStorage: 507
  LoopDetected: 508
  BandwidthLimitExceeded: 509
  NotExtended: 510
  NetworkAuthenticationRequired: 511
  ValidationFailed: 400
}

/** The classes of `standardProblems`, by the names that http-errors has for them. */
export type StandardProblems = {
  readonly [Name in keyof StatusByName]: ProblemClass<Name, unknown, StatusByName[Name], unknown>
}

/**
 * One problem for every error status, `about:blank` with the status' phrase as title, and `ValidationFailed` for rejected input.
 * A catalogue that defines one of these names replaces it, for the framework's own errors too.
 */
export const standardProblems = buildCatalogue({}, standardDefinitions()) as unknown as StandardProblems

function standardDefinitions(): Record<string, AnyDefinition> {
  const definitions: Record<string, AnyDefinition> = {}
  for (const status of ERROR_STATUSES) {
    definitions[statusName(status)] = { status, title: statusPhrase(status) }
  }
  definitions['ValidationFailed'] = { status: 400, title: statusPhrase(400) }
  return definitions
}
