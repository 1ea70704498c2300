import type { ProblemDetails } from '../catalogue/problem-details.js'
import { statusPhrase } from '../catalogue/status-codes.js'
import { ask } from '../handler/ask.js'
import type { Happening } from '../handler/happening.js'
import type { PublicProblem } from '../mapping/public-problem.js'
import { isObject } from '../thrown/thrown.js'
import type { WrittenAnswer } from './answer.js'
import { defaultInstance, safeInstance } from './instance.js'
import { problemMembers, recheckedMembers } from './problem-body.js'
import { htmlBody, legacyMembers, responseHeaders, vary } from './problem-response.js'
import { hasTranslations, translated, wantedLanguage } from './translate.js'

/** The answer with everything that a problem or an option may ask for. */
export function richAnswer(decided: PublicProblem, happening: Happening): WrittenAnswer {
  const language = languageOf(decided, happening)
  const shown = language === undefined ? decided : translated(decided, language)
  const problem = membersOf(shown, happening)
  const headers = responseHeaders(shown, happening.request.httpVersion, (name, why) =>
    dropped(happening, `the header ${name}`, why),
  )
  if (hasTranslations(shown.definition)) vary(headers, 'Accept-Language')
  if (language !== undefined) headers['content-language'] = language
  const body = htmlOf(problem, headers, language, happening) ?? jsonOf(problem, happening)
  return { body, headers, problem }
}

function languageOf(problem: PublicProblem, happening: Happening): string | undefined {
  if (!hasTranslations(problem.definition)) return undefined
  const { request, settings, complain } = happening
  const { locale } = settings.options
  const wanted = locale && ask('locale', () => locale(request.native), complain)
  return wantedLanguage(problem.definition, request, Array.isArray(wanted) ? wanted : undefined)
}

function membersOf(shown: PublicProblem, happening: Happening): ProblemDetails {
  const { settings, complain, request, thrown } = happening
  const { bodyBytes } = settings.limits
  const members = problemMembers(shown, instanceOf(shown, happening), settings.limits, (member, why) =>
    dropped(happening, `the extension ${member}`, why),
  )
  if (happening.traceId !== undefined) members.traceId = happening.traceId
  const { customize } = settings.options
  if (customize === undefined) return members
  const occasion = { error: thrown.value, request: request.native }
  const custom = ask('customize', () => customize({ ...members }, occasion), complain)
  return isObject(custom) ? recheckedMembers(custom, members, bodyBytes) : members
}

/** Told once: an error that has it will come again. */
function dropped({ settings, warn }: Happening, what: string, why: string): void {
  if (settings.isFirstTime(what)) warn(what, new TypeError(`It was dropped: ${why}`))
}

function instanceOf(shown: PublicProblem, { id, request, settings, complain }: Happening): string {
  const { instance } = settings.options
  const said = shown.instance ?? (instance && ask('instance', () => instance(id, request.native), complain))
  return safeInstance(said) ?? defaultInstance(id)
}

function htmlOf(
  problem: ProblemDetails,
  headers: Record<string, string | string[]>,
  language: string | undefined,
  happening: Happening,
): string | undefined {
  const { settings, request, complain } = happening
  const { html } = settings.options
  if (!html) return undefined
  vary(headers, 'Accept')
  const accept = request.headers?.accept
  const page = ask(
    'html',
    () => htmlBody(html, String(accept ?? ''), withDebug(problem, happening), language),
    complain,
  )
  if (page !== undefined) headers['content-type'] = 'text/html; charset=utf-8'
  return page
}

function jsonOf(problem: ProblemDetails, happening: Happening): string {
  const { options, limits, hasDebug } = happening.settings
  const { legacyBody } = options
  if (legacyBody === undefined && !hasDebug) return JSON.stringify(problem)
  const legacy =
    legacyBody &&
    ask(
      'legacyBody',
      () => legacyMembers(legacyBody, problem, statusPhrase(problem.status)),
      happening.complain,
    )
  const rich = safeStringify({ ...legacy, ...withDebug(problem, happening) })
  const isTooLong = rich === undefined || new TextEncoder().encode(rich).length > limits.bodyBytes
  return isTooLong ? JSON.stringify(problem) : rich
}

function withDebug(problem: ProblemDetails, happening: Happening): ProblemDetails {
  if (!happening.settings.hasDebug) return problem
  const { stack, cause } = happening.serialized()
  return { ...problem, debug: { stack, cause } }
}

function safeStringify(value: object): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined // a legacy member that JSON cannot say
  }
}
