import type { DatabaseSync } from 'node:sqlite'

/** What a queue says of itself. */
export interface QueueFacts {
  /** The last position that was given. */
  last: number
  /** Events ever received. */
  received: number
  /** What is not digested yet. */
  pending: {
    bodies: number
    events: number
    bytes: number
    /** Of the oldest: milliseconds since 1970. */
    receivedAt: number | undefined
  }
}

/** @param digestedTo the position that the store has committed */
export function readQueueFacts(database: DatabaseSync, digestedTo: number): QueueFacts {
  const { received } = database.prepare('SELECT total(events) AS received FROM received').get() ?? {}
  const pending = database
    .prepare(
      `SELECT count(*) AS bodies, total(event_count) AS events, total(length(bytes)) AS bytes, min(received_at) AS oldest
       FROM bodies WHERE position > ?`,
    )
    .get(digestedTo)
  return {
    last: readLastPosition(database),
    received: Number(received),
    pending: {
      bodies: Number(pending?.bodies),
      events: Number(pending?.events),
      bytes: Number(pending?.bytes),
      receivedAt: (pending?.oldest as number | null) ?? undefined,
    },
  }
}

export function readLastPosition(database: DatabaseSync): number {
  return Number(database.prepare('SELECT position FROM last_position').get()?.position)
}
