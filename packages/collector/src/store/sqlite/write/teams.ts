import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { StoreConflict, UnknownToStore } from '../../store.js'
import type { Team, TeamEdit } from '../../team.js'

export class Teams {
  readonly #find: StatementSync
  readonly #findName: StatementSync
  readonly #insert: StatementSync
  readonly #rename: StatementSync
  readonly #delete: StatementSync
  readonly #members: Links
  readonly #projects: Links

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT 1 FROM teams WHERE id = ?')
    this.#findName = database.prepare('SELECT id FROM teams WHERE name = ?')
    this.#insert = database.prepare('INSERT INTO teams (name, created_at) VALUES (?, ?)')
    this.#rename = database.prepare('UPDATE teams SET name = ? WHERE id = ?')
    this.#delete = database.prepare('DELETE FROM teams WHERE id = ?')
    this.#members = new Links(database, 'user')
    this.#projects = new Links(database, 'project')
  }

  create(name: string, now: number): Team {
    this.#checkFree(name)
    const id = Number(this.#insert.run(name, now).lastInsertRowid)
    return { id, name, memberIds: [], projectIds: [], createdAt: now }
  }

  update(id: number, { name, memberIds, projectIds }: TeamEdit): void {
    if (this.#find.get(id) === undefined) throw new UnknownToStore(`There is no team ${id}.`)
    if (name !== undefined) {
      this.#checkFree(name, id)
      this.#rename.run(name, id)
    }
    if (memberIds !== undefined) this.#members.replace(id, memberIds)
    if (projectIds !== undefined) this.#projects.replace(id, projectIds)
  }

  delete(id: number): boolean {
    this.#members.replace(id, [])
    this.#projects.replace(id, [])
    return this.#delete.run(id).changes > 0
  }

  /** @param id of the team that may have it */
  #checkFree(name: string, id?: number): void {
    const found = this.#findName.get(name)
    if (found !== undefined && found.id !== id) throw new StoreConflict(`There is a team ${name} already.`)
  }
}

/** What belongs to a team. */
class Links {
  readonly #noun: string
  readonly #find: StatementSync
  readonly #clear: StatementSync
  readonly #insert: StatementSync

  constructor(database: DatabaseSync, noun: 'user' | 'project') {
    const table = noun === 'user' ? 'team_members' : 'team_projects'
    this.#noun = noun
    this.#find = database.prepare(`SELECT 1 FROM ${noun}s WHERE id = ?`)
    this.#clear = database.prepare(`DELETE FROM ${table} WHERE team_id = ?`)
    this.#insert = database.prepare(`INSERT INTO ${table} (team_id, ${noun}_id) VALUES (?, ?)`)
  }

  replace(teamId: number, ids: readonly number[]): void {
    this.#clear.run(teamId)
    for (const id of new Set(ids)) {
      if (this.#find.get(id) === undefined) throw new UnknownToStore(`There is no ${this.#noun} ${id}.`)
      this.#insert.run(teamId, id)
    }
  }
}
