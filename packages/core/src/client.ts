import type { ValidationIssue } from './catalogue/problem-details.js'
import type { CatalogueType, ParsedProblem } from './client/parsed-problem.js'
import { problemName } from './client/problem-name.js'
import {
  type FetchResponse,
  headerOf,
  parseBody,
  parseJson,
  type ReadResponse,
  readText,
} from './client/read-response.js'
import { REMOTE_PROBLEM } from './client/remote-problem.js'
import { retryAfterSeconds } from './client/retry-after.js'

export type { ValidationIssue } from './catalogue/problem-details.js'
export type {
  CatalogueType,
  Parsed,
  ParsedInstance,
  ParsedProblem,
  UnknownProblem,
} from './client/parsed-problem.js'
export type { FetchResponse, ReadResponse, ResponseHeaders } from './client/read-response.js'

/** What `parseProblem` must know of the catalogue, of which it has only the type. */
export interface ParseOptions<Name extends string = string> {
  /** The catalogue's `base`: a type `<base>out-of-credit` is `OutOfCredit`. */
  base?: string
  /**
   * Type URIs by name, where base and name do not give them: definitions with a `type` of their own, and names whose kebab-case
   * does not lead back, like `IMATeapot`. A status instead of a URI for a definition that is `about:blank`, unless it has the name of a standard problem.
   */
  types?: { readonly [K in Name]?: string | number }
  /** The largest body that is read, in bytes. Default: 1 MiB. */
  limitBytes?: number
}

type NameOf<Catalogue> = Exclude<keyof Catalogue, number | symbol>

const DEFAULT_LIMIT_BYTES = 1_048_576
const MEDIA_TYPE = /^\s*application\/problem\+json\s*(;|$)/i

/**
 * Reads the problem out of a response: `parseProblem<typeof problems>(response, { base })`. Switch over its `name`, and treat a name
 * that you do not know like `UnknownProblem`: a service may be newer than its client.
 * @param response A fetch `Response`, or `{ status, headers, body }` of another library.
 * @returns `undefined` when it is no problem; a body of another media type is left unread. For a fetch `Response` a promise.
 * @throws RangeError naming the limit, when the body is larger.
 * @see RFC 9457 §3
 */
export function parseProblem<Catalogue extends CatalogueType = Record<never, never>>(
  response: FetchResponse,
  options?: ParseOptions<NameOf<Catalogue>>,
): Promise<ParsedProblem<Catalogue> | undefined>
export function parseProblem<Catalogue extends CatalogueType = Record<never, never>>(
  response: ReadResponse,
  options?: ParseOptions<NameOf<Catalogue>>,
): ParsedProblem<Catalogue> | undefined
export function parseProblem(response: FetchResponse | ReadResponse, options: ParseOptions = {}): unknown {
  const { limitBytes = DEFAULT_LIMIT_BYTES } = options
  const isProblem = MEDIA_TYPE.test(headerOf(response.headers, 'content-type') ?? '')
  if ('text' in response && typeof response.text === 'function') {
    if (!isProblem) return Promise.resolve(undefined)
    return readText(response, limitBytes).then((text) => toProblem(parseJson(text), response, options))
  }
  return isProblem ? toProblem(parseBody(response.body, limitBytes), response, options) : undefined
}

function toProblem(
  body: unknown,
  { status, headers }: FetchResponse | ReadResponse,
  options: ParseOptions,
): ParsedProblem | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const members = new Map<string, unknown>(Object.entries(body))
  const type = take(members, 'type', isText) ?? 'about:blank'
  const errors = take(members, 'errors', isIssueList)
  const name = problemName({ type, status }, options)
  members.delete('status')
  const problem = {
    name,
    type,
    title: take(members, 'title', isText) ?? name.replace(/\B[A-Z]/g, ' $&'),
    status,
    ...defined({
      detail: take(members, 'detail', isText),
      instance: take(members, 'instance', isText),
      errors,
      truncated: take(members, 'truncated', isBoolean),
      traceId: take(members, 'traceId', isText),
      retryAfterSeconds: retryAfterSeconds(headerOf(headers, 'retry-after'), Date.now()),
    }),
    extensions: extensionsOf(members),
    origin: 'remote',
  }
  return Object.defineProperty(problem, REMOTE_PROBLEM, { value: true }) as ParsedProblem
}

// RFC 9457 §3.1: a core member of the wrong type is ignored. Ours stay among the extensions then: they are somebody else's.
function take<T>(
  members: Map<string, unknown>,
  name: string,
  isRight: (value: unknown) => value is T,
): T | undefined {
  const value = members.get(name)
  if (!isRight(value)) return undefined
  members.delete(name)
  return value
}

function extensionsOf(members: Map<string, unknown>): Record<string, unknown> {
  // `__proto__` would become the prototype of whatever an application copies it to.
  for (const name of ['type', 'title', 'detail', 'instance', 'debug', '__proto__']) members.delete(name)
  return Object.fromEntries(members)
}

function defined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

function isIssueList(value: unknown): value is ValidationIssue[] {
  return Array.isArray(value) && value.every((issue) => isText((issue as ValidationIssue | null)?.detail))
}
