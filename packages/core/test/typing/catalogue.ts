// Compiled with the tests, never run: a line that should not compile and does is an error too.
import { Type } from '@sinclair/typebox'
import { defineProblems, mapError, ProblemError, standardProblems } from '../../src/index.js'

declare function isNumber(value: number): void
declare function is403(value: 403): void
declare function isOutOfCredit(value: 'OutOfCredit'): void

const problems = defineProblems(
  { base: 'https://errors.shop.example/', include: standardProblems },
  {
    OutOfCredit: {
      status: 403,
      title: 'You do not have enough credit.',
      detail: (p) => `Your balance is ${p.balance.toFixed(2)}, but that costs ${p.cost}.`,
      extensions: Type.Object({ balance: Type.Number(), cost: Type.Number() }),
      translations: {
        fr: { title: 'Crédit insuffisant.', detail: (p) => `Il vous reste ${p.balance.toFixed(2)}.` },
      },
    },
    Login: { status: 401, title: 'Please log in.', challenge: 'Bearer' },
    Secret: { status: 401, title: 'Please log in.' },
  },
)

export function compiles(cause: unknown): void {
  const error = new problems.OutOfCredit({ balance: 30, cost: 50 }, { cause })
  isOutOfCredit(error.name)
  is403(error.status)
  isNumber(error.extensions.balance)
  new problems.NotFound({ detail: 'No order 7.' })
  new problems.Login()
  new problems.Secret({ challenge: 'Bearer' })
  new problems.Unauthorized({ challenge: ['Bearer', 'Basic realm="shop"'] })
  new problems.MethodNotAllowed({ allow: ['GET'] })
  new problems.UpgradeRequired({ upgrade: 'websocket' })
  const thrown: unknown = error
  if (problems.OutOfCredit.is(thrown)) isNumber(thrown.extensions.cost)
  if (ProblemError.is(thrown)) isNumber(thrown.status)
  mapError(RangeError, (rangeError) => new problems.NotFound({ detail: rangeError.message }))
  mapError(RangeError, () => ({ status: 409, title: 'Conflict' }))
  mapError(RangeError, () => undefined)
}

export function standardSchemas(): void {
  const schema = {} as { '~standard': { types?: { output: { left: number } } }; properties: object }
  const { Low } = defineProblems(
    {},
    { Low: { status: 409, title: 'Low.', detail: (p) => p.left.toFixed(), extensions: schema } },
  )
  isNumber(new Low({ left: 1 }).extensions.left)
}

export function doesNotCompile(): void {
  // @ts-expect-error a wrong extension
  new problems.OutOfCredit({ balance: '30', cost: 50 })
  // @ts-expect-error an extension is missing
  new problems.OutOfCredit({ balance: 30 })
  // @ts-expect-error no extensions at all
  new problems.OutOfCredit()
  // @ts-expect-error the header that RFC 9110 demands of a 401
  new problems.Unauthorized()
  // @ts-expect-error the same, from a definition without challenge
  new problems.Secret({ detail: 'x' })
  // @ts-expect-error of a 405
  new problems.MethodNotAllowed()
  // @ts-expect-error of a 426
  new problems.UpgradeRequired({})
  // @ts-expect-error no such problem
  problems.OutOfCash
  // @ts-expect-error a reserved member
  defineProblems({}, { A: { status: 400, title: 'a', extensions: Type.Object({ instance: Type.String() }) } })
  // @ts-expect-error a reserved member of ours
  defineProblems({}, { A: { status: 400, title: 'a', extensions: Type.Object({ traceId: Type.String() }) } })
  // @ts-expect-error a misspelt key
  defineProblems({}, { A: { status: 400, title: 'a', titel: 'a' } })
  // @ts-expect-error no status
  defineProblems({}, { A: { title: 'a' } })
  // @ts-expect-error no such severity
  defineProblems({}, { A: { status: 400, title: 'a', severity: 'terrible' } })
  // @ts-expect-error data without a schema
  defineProblems({}, { A: { status: 400, title: 'a', detail: (p) => p.balance.toFixed() } })
  // @ts-expect-error an async mapping
  mapError(RangeError, async () => ({ status: 409 }))
}
