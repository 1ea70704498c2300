// Compiled with the tests, never run: a line that should not compile and does is an error too.
import { Type } from '@sinclair/typebox'
import { defineProblems } from '../../src/catalogue/define-problems.js'
import { standardProblems } from '../../src/catalogue/standard-problems.js'
import { type ParsedProblem, parseProblem } from '../../src/client.js'
import { problemResponses } from '../../src/documents/problem-responses.js'
import { expectProblem } from '../../src/testing.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function isTrue<_T extends true>(): void

const problems = defineProblems(
  { base: 'https://errors.shop.example/', include: standardProblems },
  {
    OutOfCredit: {
      status: 403,
      title: 'You do not have enough credit.',
      extensions: Type.Object({ balance: Type.Number(), cost: Type.Number() }),
    },
    Busy: { status: 503, title: 'Try again soon.' },
  },
)
declare const response: Response
declare const base: string

export async function narrowsByName(): Promise<number | string> {
  const problem = await parseProblem<typeof problems>(response, { base })
  isTrue<Same<NonNullable<typeof problem>['name'], keyof typeof problems | 'UnknownProblem'>>()
  // @ts-expect-error it may be no problem at all
  problem.name
  if (problem === undefined) return ''
  // @ts-expect-error only OutOfCredit has a balance
  const unsure: number = problem.extensions.balance
  switch (problem.name) {
    case 'OutOfCredit': {
      isTrue<Same<typeof problem.status, 403>>()
      const { balance } = problem.extensions
      isTrue<Same<typeof balance, number>>()
      // @ts-expect-error a number, not a text
      const text: string = problem.extensions.cost
      return balance + unsure + text
    }
    case 'Busy':
      isTrue<Same<typeof problem.status, 503>>()
      return problem.retryAfterSeconds ?? 0
    case 'NotFound':
      isTrue<Same<typeof problem.status, 404>>()
      return problem.title
    case 'UnknownProblem':
      isTrue<Same<typeof problem.status, number>>()
      return problem.traceId ?? ''
    // @ts-expect-error no such definition
    case 'OutOfCredits':
      return ''
    default:
      return problem.name
  }
}

export function isThereAtOnce() {
  const problem = parseProblem<typeof problems>({ status: 403, headers: {}, body: '{}' }, { base })
  isTrue<Same<typeof problem, ParsedProblem<typeof problems> | undefined>>()
  // @ts-expect-error types are given by the names of the catalogue
  parseProblem<typeof problems>(response, { base, types: { OutOfCredits: 'https://x.example/' } })
  parseProblem<typeof problems>(response, { base, types: { OutOfCredit: 'https://x.example/', Busy: 503 } })
}

export function knowsTheStandardOnesWithoutACatalogue() {
  const problem = parseProblem({ status: 404, headers: {}, body: {} })
  if (problem?.name === 'NotFound') isTrue<Same<typeof problem.status, 404>>()
  // @ts-expect-error nobody defined it
  return problem?.name === 'OutOfCredit'
}

export async function checksExpectations() {
  const problem = await expectProblem(response, problems.OutOfCredit, { balance: 30 })
  isTrue<Same<typeof problem.name, 'OutOfCredit'>>()
  isTrue<Same<typeof problem.extensions.cost, number>>()
  await expectProblem(Promise.resolve({ statusCode: 403, headers: {}, body: '' }), problems.Busy)
  // @ts-expect-error a text is no balance
  await expectProblem(response, problems.OutOfCredit, { balance: '30' })
  // @ts-expect-error OutOfCredit has no such extension
  await expectProblem(response, problems.OutOfCredit, { balanse: 30 })
}

export function keepsStatuses() {
  const responses = problemResponses(problems.OutOfCredit, problems.NotFound)
  isTrue<Same<keyof typeof responses, 403 | 404>>()
}
