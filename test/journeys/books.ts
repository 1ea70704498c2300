// What a collector says of itself.
import type { Test } from 'tap'
import { eventually } from './eventually.js'

/** Asks the API. */
export async function ask(url: string, token: string, path: string, method = 'GET'): Promise<Answer> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests match it against what it should be
  body: any
}

export interface Sums {
  received: number
  pending: number
  /** Without those that are zero: `stored`, `invalid`, … */
  outcomes: Record<string, number>
}

/**
 * Waits until all is digested, and finds that the books agree, in the API and in the metrics.
 * @returns what they say of project 1
 */
export async function balance(t: Test, url: string, token: string): Promise<Sums> {
  const all = await eventually('an empty queue', async () => {
    const sums = await readSums(url, token)
    return sums.pending === 0 ? sums : undefined
  })
  t.equal(all.received, total(all), 'received = Σ outcomes + pending')
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const metric = (name: string) => sumOf(metrics, name)
  t.equal(
    metric('faultline_received_events_total'),
    metric('faultline_outcomes') + metric('faultline_pending_events'),
    'in the metrics too',
  )
  const ofShop = await readSums(url, token, '?project=1') // the collector's own errors are of another project
  t.equal(ofShop.received, total(ofShop), 'and of the project alone')
  return ofShop
}

async function readSums(url: string, token: string, query = ''): Promise<Sums> {
  const { body } = await ask(url, token, `/stats/outcomes${query}`)
  const outcomes: Record<string, number> = {}
  for (const { outcome, count } of body.outcomes) outcomes[outcome] = (outcomes[outcome] ?? 0) + count
  return { received: body.received, pending: body.pending, outcomes }
}

function total({ outcomes, pending }: Sums): number {
  return Object.values(outcomes).reduce((sum, count) => sum + count, pending)
}

/** Of all its labels together. */
function sumOf(metrics: string, name: string): number {
  const lines = metrics.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'))
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0)
}
