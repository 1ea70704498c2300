import type { Envelope } from './envelope.js'

/** What becomes of an item: `filtered` is taken, counted and forgotten. */
export type ItemKind = 'event' | 'attachment' | 'feedback' | 'client_report' | 'filtered'

const KINDS: ReadonlyMap<string, ItemKind> = new Map([
  ['event', 'event'],
  ['attachment', 'attachment'],
  ['feedback', 'feedback'],
  ['user_report', 'feedback'],
  ['client_report', 'client_report'],
])

/** Everything else that SDKs send (sessions, transactions, logs, replays, what is yet to be invented) is no error. */
export function kindOf(itemType: string): ItemKind {
  return KINDS.get(itemType) ?? 'filtered'
}

/** How many outcomes will come of an envelope: its events, and what is filtered. The rest belongs to an event, or counts itself. */
export function countEvents(envelope: Envelope): number {
  let count = 0
  for (const { header } of envelope.items) {
    const kind = kindOf(header.type)
    if (kind === 'event' || kind === 'filtered') count++
  }
  return count
}
