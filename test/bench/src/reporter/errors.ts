import { createErrorHandler, type ErrorReport, type Reporter } from '@faultline/core'

/** Shortest way to an error; with the longest, this keeps kinds apart up to 5 × 2 to the 15th. */
const MIN_DEPTH = 15
const DEPTHS = 5

Error.stackTraceLimit = MIN_DEPTH + DEPTHS

/** What a service is asked, as its adapter hands it on. */
const request = {
  method: 'GET',
  url: '/orders/4711?expand=lines',
  route: '/orders/:id',
  id: '4f0c9d2e-6b1a-4c57-9d0e-0a8f1b6c2d3e',
  ip: '203.0.113.7',
  headers: {
    host: 'orders.shop.example',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
    accept: 'application/json',
    authorization: 'Bearer 0123456789abcdef',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  },
}

let orders = 0

/** Throws an error and has core's error handler report it; errors of one kind came the same way, with messages of their own. */
export function createFailing(reporter: Reporter): (kind: number) => void {
  const handler = createErrorHandler({ reporter, logger: false })
  return (kind) => {
    try {
      step(Math.floor(kind / DEPTHS), MIN_DEPTH + (kind % DEPTHS))
    } catch (error) {
      handler.handle(error, { ...request })
    }
  }
}

/** Reports of these kinds as a reporter gets them. */
export async function reportsOf(kinds: readonly number[]): Promise<ErrorReport[]> {
  const reports: ErrorReport[] = []
  const fail = createFailing({
    report: (report) => void reports.push(report),
    flush: async () => true,
    close: async () => true,
  })
  for (const kind of kinds) fail(kind)
  await new Promise(setImmediate) // the handler reports once it has answered
  return reports
}

/** The last steps are the newest frames: they say the most of where an error came from. */
function step(way: number, left: number): never {
  if (left <= 1) throw new Error(`order ${orders++} could not be read`)
  return (way >> (left - 2)) & 1 ? stepAside(way, left - 1) : step(way, left - 1)
}

function stepAside(way: number, left: number): never {
  if (left <= 1) throw new Error(`order ${orders++} could not be written`)
  return (way >> (left - 2)) & 1 ? stepAside(way, left - 1) : step(way, left - 1)
}
