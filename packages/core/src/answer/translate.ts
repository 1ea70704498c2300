import type { ResolvedDefinition } from '../catalogue/definition.js'
import type { ErrorRequest } from '../handler/error-request.js'
import type { PublicProblem } from '../mapping/public-problem.js'
import { attempt, isObject } from '../thrown/thrown.js'
import { matchLanguages, negotiateLanguage } from './language.js'

export function hasTranslations(definition: ResolvedDefinition): boolean {
  for (const _ in definition.translations) return true
  return false
}

/** The language that the client wants most of those there are; `undefined` means the catalogue's own. */
export function wantedLanguage(
  definition: ResolvedDefinition,
  request: ErrorRequest,
  locale: readonly string[] | undefined,
): string | undefined {
  const available = Object.keys(definition.translations)
  if (locale !== undefined) return matchLanguages(locale, available)
  const header = request.headers?.['accept-language']
  return negotiateLanguage(typeof header === 'string' ? header : header?.join(', '), available)
}

/** Title and detail in another language. A detail that was said at the throw stays as it is. */
export function translated(problem: PublicProblem, language: string): PublicProblem {
  const { definition } = problem
  const translation = definition.translations[language]
  const isOwnDetail =
    problem.detail === undefined || problem.detail === say(definition.detail, problem.extensions)
  const detail = isOwnDetail ? say(translation?.detail, problem.extensions) : undefined
  return { ...problem, title: translation?.title ?? problem.title, detail: detail ?? problem.detail }
}

function say(detail: ResolvedDefinition['detail'], data: unknown): string | undefined {
  if (typeof detail !== 'function') return detail
  const text: unknown = attempt(() => detail((isObject(data) ? data : {}) as Record<string, unknown>))
  return typeof text === 'string' ? text : undefined
}
