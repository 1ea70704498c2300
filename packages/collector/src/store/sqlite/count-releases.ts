import type { DatabaseSync } from 'node:sqlite'
import { LRUCache } from 'lru-cache'
import type { Backfill } from './migrations.js'
import { decodeDictionary, decodePayload } from './payload-codec.js'

/** About a tenth of a second. */
const SLICE_EVENTS = 5000
const MOST_DICTIONARY_BYTES = 16_777_216

interface EventRow {
  id: number
  projectId: number
  issueId: number
  receivedAt: number
  codec: number
  payload: Uint8Array
}

interface SeenRelease {
  projectId: number
  release: string
  lastSeenAt: number
  events: number
}

/** To version 2: when each release was seen last, and how often, of the events that are stored; their payloads say of which one they are. */
export const countReleases: Backfill = {
  items: 'events',
  count: (database) => Number(database.prepare('SELECT count(*) AS count FROM events').get()?.count),
  slice(database, after) {
    const seen = new Map<string, SeenRelease>()
    const releaseOf = releaseReader(database)
    let place = after
    let done = 0
    for (const row of eventsBehind(database, after)) {
      place = row.id
      done++
      const release = releaseOf(row)
      if (release) see(seen, row, release)
    }
    write(database, seen.values())
    return { place, done }
  },
}

/** One by one: all payloads of a slice may be larger than the memory. */
function eventsBehind(database: DatabaseSync, after: number): Iterable<EventRow> {
  const rows = database.prepare(
    `SELECT id, project_id AS projectId, issue_id AS issueId, received_at AS receivedAt, codec, payload
     FROM events WHERE id > ? ORDER BY id LIMIT ${SLICE_EVENTS}`,
  )
  return rows.iterate(after) as Iterable<unknown> as Iterable<EventRow>
}

function releaseReader(database: DatabaseSync): (row: EventRow) => string | undefined {
  const find = database.prepare('SELECT dictionary FROM dictionaries WHERE issue_id = ?')
  const dictionaries = new LRUCache<number, Uint8Array>({
    maxSize: MOST_DICTIONARY_BYTES,
    sizeCalculation: ({ length }) => length + 1,
  })
  const dictionaryOf = (issueId: number) => {
    const known = dictionaries.get(issueId)
    if (known !== undefined) return known
    const dictionary = decodeDictionary(find.get(issueId)?.dictionary as Uint8Array)
    dictionaries.set(issueId, dictionary)
    return dictionary
  }
  return ({ issueId, codec, payload }) => {
    try {
      const context = { dictionary: dictionaryOf(issueId), eventId: '', framesOf: () => [] }
      return decodePayload(codec, payload, context).event.release
    } catch {
      return undefined // one that is damaged must not keep all others from the new version
    }
  }
}

function see(seen: Map<string, SeenRelease>, { projectId, receivedAt }: EventRow, release: string): void {
  const name = `${projectId} ${release}`
  const { lastSeenAt, events } = seen.get(name) ?? { lastSeenAt: 0, events: 0 }
  seen.set(name, { projectId, release, lastSeenAt: Math.max(lastSeenAt, receivedAt), events: events + 1 })
}

/** As they were written when their events came, all of them are there. */
function write(database: DatabaseSync, seen: Iterable<SeenRelease>): void {
  const update = database.prepare(
    `UPDATE releases SET last_seen_at = max(last_seen_at, ?), event_count = event_count + ?
     WHERE project_id = ? AND release = ?`,
  )
  for (const { projectId, release, lastSeenAt, events } of seen)
    update.run(lastSeenAt, events, projectId, release)
}
