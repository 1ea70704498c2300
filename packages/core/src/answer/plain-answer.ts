import { NO_EXTENSIONS } from '../catalogue/problem-error.js'
import type { Happening } from '../handler/happening.js'
import type { PublicProblem } from '../mapping/public-problem.js'
import type { WrittenAnswer } from './answer.js'
import { defaultInstance } from './instance.js'
import { PROBLEM_HEADERS } from './problem-response.js'

/**
 * The answer to the errors that come most often, the unexpected 500 first of all: nothing to say but type, title, status and
 * instance, and no option that looks at them. It is put together from text that is made once a definition.
 */
export function plainAnswer(shown: PublicProblem, happening: Happening): WrittenAnswer | undefined {
  if (!isPlain(shown) || !happening.settings.isPlain || happening.trace !== undefined) return undefined
  const { definition, title, status } = shown
  const { type } = definition
  const problem = { type, title, status, instance: defaultInstance(happening.id) }
  const isAsDefined = title === definition.title && status === definition.status
  if (isAsDefined) definition.bodyStart ??= bodyStart(problem)
  const start = isAsDefined ? (definition.bodyStart as string) : bodyStart(problem)
  return { body: `${start}${problem.instance}"}`, headers: PROBLEM_HEADERS, problem }
}

function isPlain({ definition, detail, extensions, errors, instance, headers }: PublicProblem): boolean {
  return (
    detail === undefined &&
    errors === undefined &&
    instance === undefined &&
    (extensions === undefined || extensions === NO_EXTENSIONS) &&
    (headers === undefined || headers === definition.headers) &&
    definition.isPlain
  )
}

/** The text of the body up to the instance, which is last and needs no escapes. */
function bodyStart(problem: object): string {
  return JSON.stringify({ ...problem, instance: '' }).slice(0, -2)
}
