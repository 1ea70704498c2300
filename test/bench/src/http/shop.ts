import { defineProblems, type Reporter } from '@faultline/core'

/** The catalogue that the servers throw from. */
export const problems = defineProblems(
  { base: 'https://errors.shop.example/' },
  { OrderNotFound: { status: 404, title: 'There is no such order.' } },
)

/** Fails as a service does: unexpectedly, a few calls below the route. */
export function readOrder(): object {
  return readRow('orders')
}

function readRow(table: string): object {
  throw new Error(`the table ${table} did not answer`)
}

/** Hears of every error and keeps nothing. */
export const silentReporter: Reporter = {
  report() {},
  flush: async () => true,
  close: async () => true,
}
