import { runWithContext } from '@faultline/core'
import { startFaultline } from '@faultline/node'
import { restock, summaryOf } from './restock.ts'
import { createSupplier, type Order } from './supplier.ts'

// Reporter, process hooks and logger, as FAULTLINE_DSN and its sisters in the environment say.
const { logger } = startFaultline({
  service: 'worker-script',
  // Nobody waits for a job at night; what it has to tell shall arrive.
  processErrors: { flushTimeoutMs: 10_000 },
})

const orders: Order[] = [
  { reference: 'A-1', article: 'chair', quantity: 4 },
  { reference: 'A-2', article: 'sofa', quantity: 1 },
]

await runWithContext({ tags: { job: 'restock' } }, async () => {
  const reservations = await restock(orders, createSupplier())
  // Nobody waits for this, so nobody catches what it throws.
  setImmediate(() => logger.info(summaryOf(reservations)))
})
