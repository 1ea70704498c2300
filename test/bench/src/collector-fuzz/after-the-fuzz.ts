import type { ServedCollector } from './served-collector.ts'

/** Each of the acknowledged events that is not stored, in a sentence. */
export async function missingEvents(collector: ServedCollector, ids: readonly string[]): Promise<string[]> {
  const missing: string[] = []
  for (const id of ids) {
    const { status } = await collector.ask(`/events/${id}`)
    if (status !== 200) missing.push(`Event ${id} was acknowledged and is not stored: ${status}.`)
  }
  return missing
}

/** What is wrong with the books, the DLQ and the collector's own project, each in a sentence. */
export async function checkBooks(collector: ServedCollector): Promise<string[]> {
  const { received, outcomes, pending, deadLetters } = await collector.figures()
  const own = await listed(collector, '/issues?project=0&status=all')
  const dead = await listed(collector, '/dlq')
  return [
    ...(received === outcomes + pending
      ? []
      : [`Received ${received}, but ${outcomes} outcomes and ${pending} pending.`]),
    ...(deadLetters === 0 ? [] : [`${deadLetters} dead letters: ${JSON.stringify(dead.slice(0, 5))}`]),
    ...own.map((issue) => `An error of the collector itself: ${JSON.stringify(issue)}`),
  ]
}

async function listed(collector: ServedCollector, path: string): Promise<unknown[]> {
  const { body } = await collector.ask(path)
  return (body as { items: unknown[] }).items
}
