import { randomBytes } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type IngestKey, type Project, StoreConflict, UnknownToStore } from '../../store.js'

/** The collector's own project. */
const OWN_PROJECT = 0
const SLUG_LENGTH = 40
const NO_SLUG = 'project'

/** Who may send. */
export class Projects {
  readonly #find: StatementSync
  readonly #findSlug: StatementSync
  readonly #nextId: StatementSync
  readonly #insert: StatementSync
  readonly #countIssue: StatementSync
  readonly #lastNumber: StatementSync
  readonly #findKey: StatementSync
  readonly #insertKey: StatementSync
  readonly #revokeKey: StatementSync
  readonly #rename: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT 1 FROM projects WHERE id = ?')
    this.#findSlug = database.prepare('SELECT 1 FROM projects WHERE slug = ?')
    this.#nextId = database.prepare('SELECT coalesce(max(id), 0) + 1 AS id FROM projects')
    this.#insert = database.prepare('INSERT INTO projects (id, name, slug, created_at) VALUES (?, ?, ?, ?)')
    // Not with RETURNING: such a statement is a savepoint, at which FTS5 writes all that it has collected, 160 µs a new issue.
    this.#countIssue = database.prepare(
      'UPDATE projects SET last_issue_number = last_issue_number + 1 WHERE id = ?',
    )
    this.#lastNumber = database.prepare('SELECT last_issue_number AS number FROM projects WHERE id = ?')
    this.#findKey = database.prepare('SELECT 1 FROM ingest_keys WHERE public_key = ?')
    this.#insertKey = database.prepare('INSERT INTO ingest_keys VALUES (?, ?, ?, NULL)')
    this.#revokeKey = database.prepare(
      'UPDATE ingest_keys SET revoked_at = ? WHERE public_key = ? AND revoked_at IS NULL',
    )
    this.#rename = database.prepare('UPDATE projects SET name = ? WHERE id = ?')
  }

  create(project: { name: string; id?: number; publicKey?: string }, now: number): Project {
    const { name, id = Number(this.#nextId.get()?.id) } = project
    if (this.#find.get(id) !== undefined) throw new StoreConflict(`There is a project ${id} already.`)
    const slug = this.#insertNamed(id, name, now)
    return { id, name, slug, createdAt: now, keys: [this.createKey(id, project.publicKey, now)] }
  }

  createKey(projectId: number, publicKey = randomBytes(16).toString('hex'), now: number): IngestKey {
    if (this.#find.get(projectId) === undefined) throw new UnknownToStore(`There is no project ${projectId}.`)
    if (this.#findKey.get(publicKey) !== undefined) throw new StoreConflict('The key is in use already.')
    this.#insertKey.run(publicKey, projectId, now)
    return { publicKey, projectId, createdAt: now, revokedAt: null }
  }

  revokeKey(publicKey: string, now: number): boolean {
    return this.#revokeKey.run(now, publicKey).changes > 0
  }

  /** The slug stays: it is in the short ids of issues. */
  rename(id: number, name: string): void {
    if (this.#rename.run(name, id).changes === 0) throw new UnknownToStore(`There is no project ${id}.`)
  }

  /** The number of a new issue: 12 of SHOP-12. Events can outlive the row of their project: then it gets one again. */
  takeIssueNumber(projectId: number, now: number): number {
    if (this.#countIssue.run(projectId).changes > 0) return Number(this.#lastNumber.get(projectId)?.number)
    this.#insertNamed(projectId, projectId === OWN_PROJECT ? 'Faultline' : `project ${projectId}`, now)
    return this.takeIssueNumber(projectId, now)
  }

  #insertNamed(id: number, name: string, now: number): string {
    const wanted = slugOf(name)
    let slug = wanted
    for (let number = 2; this.#findSlug.get(slug) !== undefined; number++) slug = `${wanted}-${number}`
    this.#insert.run(id, name, slug, now)
    return slug
  }
}

/** `Müller & Söhne` → `muller-sohne`. */
function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const words = plain.match(/[a-z0-9]+/g) ?? [NO_SLUG]
  return words.join('-').slice(0, SLUG_LENGTH).replace(/-$/, '')
}
