import { sizeText } from '../backup/size-text.js'
import type { CollectorConfig } from '../config.js'
import type { QueueFacts } from '../queue/sqlite/queue-facts.js'
import type { StoreFacts } from '../store/sqlite/store-facts.js'
import { type Check, failed, ok, warning } from './check.js'

const MOST_LAG_MS = 300_000

/** Every received event has exactly one outcome, or waits. */
export function checkBooks({ outcomes, events }: StoreFacts, { received, pending }: QueueFacts): Check {
  const name = 'books'
  const sum = `${received} events were received, ${outcomes} have an outcome and ${pending.events} wait`
  if (received === outcomes + pending.events) return ok(name, `${sum}; ${events} are stored.`)
  return failed(
    name,
    `${sum}: that does not add up. A database was lost or put back alone: always restore both, from one backup.`,
  )
}

interface BacklogOptions {
  config: CollectorConfig
  now: number
  isRunning: boolean
}

export function checkBacklog({ pending }: QueueFacts, { config, now, isRunning }: BacklogOptions): Check {
  const name = 'backlog'
  const { bodies, bytes, receivedAt = now } = pending
  if (bodies === 0) return ok(name, 'Everything is digested.')
  const waiting = `${bodies} bodies of ${sizeText(bytes)} are not digested yet`
  if (bytes > config.queueLimitBytes / 2)
    return warning(
      name,
      `${waiting}, and at ${sizeText(config.queueLimitBytes)} no more is taken: look into the collector's log.`,
    )
  if (!isRunning) return ok(name, `${waiting}; the next start goes on with them.`)
  const lagMs = now - receivedAt
  if (lagMs < MOST_LAG_MS) return ok(name, `${waiting}.`)
  return warning(
    name,
    `${waiting}, the oldest since ${Math.round(lagMs / 60_000)} minutes: look into the collector's log.`,
  )
}

export function checkDeadLetters({ dead }: StoreFacts): Check {
  const name = 'DLQ'
  if (dead === 0) return ok(name, 'Nothing is in it.')
  return warning(
    name,
    `${dead} events could not be digested: see why with \`faultline dlq list\`, then replay or delete them.`,
  )
}
