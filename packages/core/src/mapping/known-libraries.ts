import type { ValidationIssue } from '../catalogue/problem-details.js'
import { isErrorStatus } from '../catalogue/status-codes.js'
import { attempt, readProperty, type Thrown } from '../thrown/thrown.js'
import { fastifyIssues } from './validation-issues.js'

/** What a library's error says that a client may see; anything else of it is for the log. */
export interface Recognised {
  status: number
  detail?: string | undefined
  /** As the library has them; they still go through the allow-list. */
  headers?: unknown
  isValidation?: boolean
  errors?: readonly ValidationIssue[]
  truncated?: boolean
}

type Recogniser = (thrown: Thrown, limits: { errors: number }) => Recognised | undefined

/** Asked in this order; the marks of the first ones are the plainest. None of them looks at causes. */
const RECOGNISERS: readonly Recogniser[] = [
  fastifyValidation,
  fastifyError,
  boom,
  nestException,
  expressJwt,
  routerParameter,
  httpError,
]

/** Recognises the errors of well-known libraries by their marks; none of the libraries is needed for that. */
export const recognise: Recogniser = (thrown, limits) => {
  if (!thrown.isError || !hasMarks(thrown.value as object)) return undefined
  for (const recogniser of RECOGNISERS) {
    const recognised = recogniser(thrown, limits)
    if (recognised !== undefined) return recognised
  }
  return undefined
}

/** One of these stands on every error that is recognised; most errors have none, and asking so costs nothing. */
function hasMarks(error: object): boolean {
  try {
    return (
      'status' in error ||
      'statusCode' in error ||
      'validation' in error ||
      'isBoom' in error ||
      'getStatus' in error
    )
  } catch {
    return false // a proxy whose traps throw
  }
}

/** @see https://fastify.dev/docs/latest/Reference/Validation-and-Serialization/#error-handling */
function fastifyValidation(thrown: Thrown, limits: { errors: number }): Recognised | undefined {
  const validation = thrown.read('validation')
  const context = thrown.readText('validationContext')
  if (context === undefined || attempt(() => Array.isArray(validation)) !== true) return undefined
  const status = thrown.read('statusCode')
  const isChosen = isErrorStatus(status) && status !== 400
  return {
    status: isChosen ? status : 400,
    isValidation: !isChosen,
    ...fastifyIssues(validation, context, limits.errors),
  }
}

/** What Fastify itself says may quote the path, a header or the body: its own words are replaced by these. */
const FASTIFY_DETAILS: Readonly<Record<string, string>> = {
  __proto__: null as never,
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty, but its media type is JSON.',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than this service accepts.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'This service does not read that media type here.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
  FST_ERR_BAD_URL: 'The path is not a valid URL.',
  FST_ERR_MAX_PARAM_LENGTH: 'A parameter in the path is too long.',
}

/** Fastify's own errors, its plugins', and those made with @fastify/error: only Fastify's own may quote the request. */
function fastifyError(thrown: Thrown): Recognised | undefined {
  const code = thrown.readText('code')
  const status = thrown.read('statusCode')
  if (code === undefined || thrown.readText('name') !== 'FastifyError' || !isErrorStatus(status))
    return undefined
  const detail = code.startsWith('FST_ERR_') ? FASTIFY_DETAILS[code] : thrown.readText('message')
  return { status, detail: status < 500 ? detail : undefined, headers: thrown.read('headers') }
}

/** @see https://hapi.dev/module/boom/api/ */
function boom(thrown: Thrown): Recognised | undefined {
  if (thrown.read('isBoom') !== true) return undefined
  const output = thrown.read('output')
  const status = readProperty(output, 'statusCode')
  if (!isErrorStatus(status)) return undefined
  const message = readProperty(readProperty(output, 'payload'), 'message')
  const isShown = status < 500 && typeof message === 'string' && !isBoomified(thrown)
  return { status, detail: isShown ? message : undefined, headers: readProperty(output, 'headers') }
}

/** `boomify()` decorates somebody else's error and takes over its message; what Boom made itself says by which function. */
function isBoomified(thrown: Thrown): boolean {
  return typeof thrown.read('typeof') !== 'function'
}

/** @see https://docs.nestjs.com/exception-filters */
function nestException(thrown: Thrown): Recognised | undefined {
  const getStatus = thrown.read('getStatus')
  const getResponse = thrown.read('getResponse')
  if (typeof getStatus !== 'function' || typeof getResponse !== 'function') return undefined
  const status: unknown = attempt(() => getStatus.call(thrown.value))
  if (!isErrorStatus(status)) return undefined
  const response: unknown = attempt(() => getResponse.call(thrown.value))
  const message = typeof response === 'string' ? response : readProperty(response, 'message')
  const text = Array.isArray(message)
    ? message.filter((part) => typeof part === 'string').join('; ')
    : message
  return { status, detail: status < 500 && typeof text === 'string' ? text : undefined }
}

/** express-jwt quotes the token's library; RFC 6750 §3 has the words that a client may see. */
function expressJwt(thrown: Thrown): Recognised | undefined {
  if (thrown.readText('name') !== 'UnauthorizedError' || thrown.read('status') !== 401) return undefined
  const code = thrown.readText('code')
  if (code === undefined || !thrown.has('inner')) return undefined
  const challenge = code === 'credentials_required' ? 'Bearer' : 'Bearer error="invalid_token"'
  return { status: 401, headers: { 'www-authenticate': challenge } }
}

/** Express' router marks what `decodeURIComponent` threw. Its message quotes the path. */
function routerParameter(thrown: Thrown): Recognised | undefined {
  if (thrown.readText('name') !== 'URIError' || thrown.read('status') !== 400) return undefined
  return { status: 400, detail: 'The path is not a valid URL.' }
}

/** body-parser's own words may quote the body. @see https://github.com/expressjs/body-parser#errors */
const BODY_PARSER_DETAILS: Readonly<Record<string, string>> = {
  __proto__: null as never,
  'entity.parse.failed': 'The body could not be parsed.',
  'entity.too.large': 'The body is larger than this service accepts.',
  'encoding.unsupported': 'This service does not read that content encoding.',
  'charset.unsupported': 'This service does not read that charset.',
  'request.size.invalid': 'The body is not as long as Content-Length says.',
  'request.aborted': 'The request ended before its body did.',
  'parameters.too.many': 'The body has too many parameters.',
}

/**
 * http-errors, and what is made with it: body-parser, send, csurf. An inherited `expose` means that the author of the message chose
 * the class; an own one is set on somebody else's error too, so it shows nothing.
 */
function httpError(thrown: Thrown): Recognised | undefined {
  const status = thrown.read('status')
  if (!isErrorStatus(status) || thrown.read('statusCode') !== status) return undefined
  const expose = thrown.read('expose')
  if (typeof expose !== 'boolean') return undefined
  const isShown = expose && status < 500 && !thrown.hasOwn('expose') && !thrown.hasOwn('status')
  const detail =
    BODY_PARSER_DETAILS[thrown.readText('type') ?? ''] ?? (isShown ? thrown.readText('message') : undefined)
  return { status, detail, headers: thrown.read('headers') }
}
