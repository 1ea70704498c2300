import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** So many are known by heart; there is no harm in writing one again. */
const MOST_KNOWN = 10_000

/** When each release of a project was heard of for the first time. */
export class Releases {
  readonly #find: StatementSync
  readonly #insert: StatementSync
  readonly #known = new Set<string>()

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT first_seen_at FROM releases WHERE project_id = ? AND release = ?')
    this.#insert = database.prepare(
      'INSERT INTO releases (project_id, release, first_seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    )
  }

  firstSeenAt(projectId: number, release: string): number | undefined {
    const row = this.#find.get(projectId, release)
    return row && Number(row.first_seen_at)
  }

  see(projectId: number, release: string, receivedAt: number): void {
    const name = `${projectId} ${release}`
    if (this.#known.has(name)) return
    this.#insert.run(projectId, release, receivedAt)
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    this.#known.add(name)
  }

  clear(): void {
    this.#known.clear()
  }
}
