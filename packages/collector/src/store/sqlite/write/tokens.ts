import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  type ApiToken,
  BadRequestToStore,
  type NewToken,
  StoreConflict,
  UnknownToStore,
} from '../../store.js'

export class Tokens {
  readonly #insert: StatementSync
  readonly #findProject: StatementSync
  readonly #limit: StatementSync
  readonly #revoke: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO tokens (name, role, hash, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#findProject = database.prepare('SELECT 1 FROM projects WHERE id = ?')
    this.#limit = database.prepare('INSERT INTO token_projects (token_id, project_id) VALUES (?, ?)')
    this.#revoke = database.prepare('UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL')
  }

  create({ name, role, hash, projectIds }: NewToken, now: number): ApiToken {
    // It could make a token that sees everything.
    if (projectIds !== undefined && role === 'admin')
      throw new BadRequestToStore(
        'A token for some projects is a member or a viewer: an admin sees everything.',
      )
    if (projectIds?.length === 0) throw new BadRequestToStore('A token for some projects names at least one.')
    const { changes, lastInsertRowid } = this.#insert.run(name, role, hash, now)
    if (changes === 0) throw new StoreConflict('The token is in use already.')
    const token: ApiToken = { id: Number(lastInsertRowid), name, role, createdAt: now, revokedAt: null }
    if (projectIds === undefined) return token
    return { ...token, projectIds: this.#limitTo(token.id, projectIds) }
  }

  revoke(id: number, now: number): boolean {
    return this.#revoke.run(now, id).changes > 0
  }

  #limitTo(tokenId: number, projectIds: readonly number[]): number[] {
    const ids = [...new Set(projectIds)]
    for (const id of ids) {
      if (this.#findProject.get(id) === undefined) throw new UnknownToStore(`There is no project ${id}.`)
      this.#limit.run(tokenId, id)
    }
    return ids
  }
}
