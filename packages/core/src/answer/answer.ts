import type { ProblemDetails } from '../catalogue/problem-details.js'
import { standardProblems } from '../catalogue/standard-problems.js'
import { ask } from '../handler/ask.js'
import type { HandledError } from '../handler/handled-error.js'
import type { Happening } from '../handler/happening.js'
import { type PublicProblem, publicProblem } from '../mapping/public-problem.js'
import { defaultInstance } from './instance.js'
import { plainAnswer } from './plain-answer.js'
import { PROBLEM_HEADERS } from './problem-response.js'
import { richAnswer } from './rich-answer.js'

/** What goes over the wire, and the members that it says. */
export type WrittenAnswer = Pick<HandledError, 'body' | 'headers' | 'problem'>

/** What the client gets, and how the error is to be told to everybody else. */
export function answer(happening: Happening): HandledError {
  const shown = publicProblem(happening)
  const written = plainAnswer(shown, happening) ?? richAnswer(shown, happening)
  return new Answer(happening, shown, written)
}

/** The plainest answer there is, for an error whose own could not be made. */
export function lessAnswer(happening: Happening): HandledError {
  const { definition } = standardProblems.InternalServerError
  const { status, title, severity, level } = definition
  const shown = { definition, status, title, severity, level }
  const problem = { type: definition.type, title, status, instance: defaultInstance(happening.id) }
  return new Answer(happening, shown, { body: JSON.stringify(problem), headers: PROBLEM_HEADERS, problem })
}

/** `err` stands on the prototype: an error that nobody logs is not copied. */
class Answer implements HandledError {
  readonly id: string
  readonly status: number
  readonly headers: HandledError['headers']
  readonly body: string
  readonly problem: ProblemDetails
  readonly severity: HandledError['severity']
  readonly level: HandledError['level']
  readonly isReportable: boolean
  readonly runbook: string | undefined
  readonly isSilent: boolean
  readonly #happening: Happening

  constructor(happening: Happening, shown: PublicProblem, written: WrittenAnswer) {
    const { isAborted = false, phase = 'request' } = happening.request
    this.id = happening.id
    this.status = shown.status
    this.headers = written.headers
    this.body = written.body
    this.problem = written.problem
    this.severity = shown.severity
    this.level = isAborted ? 'debug' : shown.level
    this.isReportable = !isAborted && isReportable(shown, written.problem, happening)
    this.runbook = shown.definition.runbook
    this.isSilent = isAborted || phase !== 'request'
    this.#happening = happening
  }

  get err(): object {
    return this.#happening.serialized()
  }
}

function isReportable(shown: PublicProblem, problem: ProblemDetails, happening: Happening): boolean {
  const { request, settings, thrown, complain } = happening
  const { shouldReport } = settings.options
  const occasion = { error: thrown.value, request: request.native }
  const said = shouldReport && ask('shouldReport', () => shouldReport(problem, occasion), complain)
  return said ?? shown.definition.shouldReport
}
