import { PROBLEM_MEDIA_TYPE, type ProblemDetails } from '../catalogue/problem-details.js'
import type { PublicProblem } from '../mapping/public-problem.js'
import { prefersHtml } from './accept.js'
import { publicHeaders } from './headers.js'
import { renderProblemPage } from './html-page.js'

type Headers = Record<string, string | string[]>

/** The headers that every problem has. */
export const PROBLEM_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'content-type': PROBLEM_MEDIA_TYPE,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
})

/** The headers of an answer: the error's own through the allow-list, then those that every problem has. */
export function responseHeaders(
  problem: PublicProblem,
  httpVersion: '1.1' | '2' | undefined,
  drop: (name: string, why: string) => void,
): Headers {
  const { definition } = problem
  const context = { status: problem.status, httpVersion, extra: definition.declaredHeaders }
  const headers: Headers = { ...PROBLEM_HEADERS }
  if (definition.hasHeaders) Object.assign(headers, publicHeaders(definition.headers, context, drop))
  if (problem.headers !== undefined && problem.headers !== definition.headers) {
    Object.assign(headers, publicHeaders(problem.headers, context, drop))
  }
  return headers
}

/** Adds a name to `Vary`. */
export function vary(headers: Headers, name: string): void {
  headers.vary = headers.vary === undefined ? name : `${String(headers.vary)}, ${name}`
}

/** The page for a client that prefers HTML, or `undefined`. */
export function htmlBody(
  html: boolean | ((problem: ProblemDetails) => string),
  accept: string | undefined,
  problem: ProblemDetails,
  language: string | undefined,
): string | undefined {
  if (!prefersHtml(accept)) return undefined
  const page: unknown = typeof html === 'function' ? html(problem) : renderProblemPage(problem, language)
  if (typeof page !== 'string') throw new TypeError('html must return a text')
  return page
}

/** The members of an older body; the new ones win. */
export function legacyMembers(
  style: 'fastify' | 'http-errors' | ((problem: ProblemDetails) => object),
  problem: ProblemDetails,
  phrase: string,
): object {
  if (typeof style === 'function') return style(problem)
  const message = problem.detail ?? problem.title
  return style === 'fastify'
    ? { statusCode: problem.status, error: phrase, message }
    : { message, name: phrase }
}
