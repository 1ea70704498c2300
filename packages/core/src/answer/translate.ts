import type { ResolvedDefinition } from '../catalogue/definition.js'
import { detailText } from '../catalogue/detail-text.js'
import type { ErrorRequest } from '../handler/error-request.js'
import type { PublicProblem } from '../mapping/public-problem.js'
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

/** Title and detail in another language. A detail that was said at the throw stays as it is, a withheld one stays withheld. */
export function translated(problem: PublicProblem, language: string): PublicProblem {
  const { definition, extensions } = problem
  const translation = definition.translations[language]
  const title = translation?.title ?? problem.title
  const isTemplate = problem.detail === detailText(definition.detail, extensions)
  if (!definition.expose || !isTemplate) return { ...problem, title }
  return { ...problem, title, detail: detailText(translation?.detail, extensions) ?? problem.detail }
}
