import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** So many are known by heart; there is no harm in writing one again. */
const MOST_KNOWN = 10_000

interface Release {
  projectId: number
  release: string
  lastSeenAt: number
  /** Since the last `flush`. */
  events: number
}

/** When each release of a project was heard of for the first time and the last, and how many events of it were stored. */
export class Releases {
  readonly #find: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #known = new Map<string, Release>()
  readonly #seen = new Set<Release>()

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT first_seen_at FROM releases WHERE project_id = ? AND release = ?')
    this.#insert = database.prepare(
      'INSERT INTO releases (project_id, release, first_seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#update = database.prepare(
      `UPDATE releases SET last_seen_at = max(last_seen_at, ?), event_count = event_count + ?
       WHERE project_id = ? AND release = ?`,
    )
  }

  firstSeenAt(projectId: number, release: string): number | undefined {
    const row = this.#find.get(projectId, release)
    return row && Number(row.first_seen_at)
  }

  /** Of one event. */
  see(projectId: number, release: string, receivedAt: number): void {
    const name = `${projectId} ${release}`
    const known = this.#known.get(name) ?? this.#learn(name, { projectId, release, receivedAt })
    known.events++
    if (receivedAt > known.lastSeenAt) known.lastSeenAt = receivedAt
    this.#seen.add(known)
  }

  /** Writes what was seen since the last time. */
  flush(): void {
    for (const seen of this.#seen) {
      this.#update.run(seen.lastSeenAt, seen.events, seen.projectId, seen.release)
      seen.events = 0
    }
    this.#seen.clear()
  }

  clear(): void {
    this.#known.clear()
    this.#seen.clear()
  }

  /** At once, for the next event may ask for it. */
  #learn(name: string, first: { projectId: number; release: string; receivedAt: number }): Release {
    const { projectId, release, receivedAt } = first
    this.#insert.run(projectId, release, receivedAt)
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    const learnt = { projectId, release, lastSeenAt: receivedAt, events: 0 }
    this.#known.set(name, learnt)
    return learnt
  }
}
