import { type Mapping, mapErrorWhen } from '@faultline/core'
import { problems } from './problems.ts'

/** What PostgreSQL says when a row with this key is there already. */
interface UniqueViolation extends Error {
  code: '23505'
  detail: string
}

/** Errors of the libraries that the shop uses, as problems of the shop; the same in every service of the team. */
export const mappings: Mapping[] = [
  mapErrorWhen(isUniqueViolation, (error) => {
    const [, reference] = /^Key \(reference\)=\((.+)\) already exists/.exec(error.detail) ?? []
    return reference === undefined ? undefined : new problems.OrderExists({ reference }, { cause: error })
  }),
  mapErrorWhen(isTimeout, (error) => new problems.PricesTooSlow({ cause: error })),
]

function isUniqueViolation(error: unknown): error is UniqueViolation {
  return error instanceof Error && 'code' in error && error.code === '23505' && 'detail' in error
}

/** `AbortSignal.timeout()` rejects with a DOMException of this name. */
function isTimeout(error: unknown): error is DOMException {
  return error instanceof DOMException && error.name === 'TimeoutError'
}
