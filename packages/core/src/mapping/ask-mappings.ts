import { definitionOf, ProblemError, type ProblemInit } from '../catalogue/problem-error.js'
import { isErrorStatus } from '../catalogue/status-codes.js'
import { ask, type Complain } from '../handler/ask.js'
import type { Happening } from '../handler/happening.js'
import { isObject, readProperty, type Thrown } from '../thrown/thrown.js'
import type { Mapping } from './mappings.js'

/** What the application's mappings make of a thrown value: the answer of the first that does not decline. */
export function askMappings(mappings: readonly Mapping[], happening: Happening): unknown {
  const { thrown, complain, request, settings } = happening
  for (const mapping of mappings) {
    for (const error of mapping.causes ? withCauses(thrown, settings.limits.causes) : [thrown.value]) {
      if (!matches(mapping, error, complain)) continue
      const problem = ask(
        'a mapping',
        () => problemOf((mapping.to as (...args: unknown[]) => unknown)(error, request.native)),
        complain,
      )
      if (problem !== undefined) return problem
    }
  }
  return undefined
}

function matches(mapping: Mapping, error: unknown, complain: Complain): boolean {
  if (mapping.errorClass === undefined) {
    return ask('the predicate of a mapping', () => mapping.matches(error), complain) === true
  }
  try {
    return mapping.matches(error)
  } catch {
    return false // a revoked proxy is of no class
  }
}

function withCauses(thrown: Thrown, most: number): unknown[] {
  const chain = [thrown.value]
  let cause = thrown.read('cause')
  while (cause !== undefined && chain.length <= most && !chain.includes(cause)) {
    chain.push(cause)
    cause = readProperty(cause, 'cause')
  }
  return chain
}

/** A promise is passed on as it is: whoever asked for a value refuses it. */
function problemOf(answer: unknown): unknown {
  if (answer === undefined || answer === null || definitionOf(answer) !== undefined)
    return answer ?? undefined
  if (isObject(answer) && isErrorStatus(readProperty(answer, 'status')))
    return new ProblemError(answer as ProblemInit)
  if (isObject(answer) && typeof readProperty(answer, 'then') === 'function') return answer
  throw new TypeError(
    'A mapping must return a ProblemError, an object with a status from 400 to 599, or undefined',
  )
}
