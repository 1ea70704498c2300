import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { NewAuditEntry } from '../../audit-entry.js'
import type {
  ApiToken,
  DeadLetter,
  Describe,
  DigestedBody,
  Erased,
  ErasedUser,
  Forgotten,
  IngestKey,
  IssueEdit,
  NewToken,
  OldestLimit,
  Project,
  SaveResult,
  StoreWriter,
} from '../../store.js'
import type { Team, TeamEdit } from '../../team.js'
import { inTransaction } from '../transaction.js'
import { AuditLog } from './audit-log.js'
import { BodyWriter } from './body-writer.js'
import { Erasure } from './erasure.js'
import { IssueEdits } from './issue-edits.js'
import { Oldest } from './oldest.js'
import { Projects } from './projects.js'
import { Teams } from './teams.js'
import { Tokens } from './tokens.js'
import { userWrites } from './users.js'

export class SqliteStoreWriter implements StoreWriter {
  readonly users: StoreWriter['users']
  readonly #database: DatabaseSync
  readonly #bodies: BodyWriter
  readonly #projects: Projects
  readonly #edits: IssueEdits
  readonly #tokens: Tokens
  readonly #teams: Teams
  readonly #auditLog: AuditLog
  readonly #oldest: Oldest
  readonly #erasure: Erasure
  readonly #usedBytes: StatementSync
  readonly #position: StatementSync
  readonly #moveTo: StatementSync
  readonly #dataVersion: StatementSync
  #seenDataVersion: unknown

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#projects = new Projects(database)
    this.#bodies = new BodyWriter(database, this.#projects)
    this.#edits = new IssueEdits(database)
    this.#tokens = new Tokens(database)
    this.#teams = new Teams(database)
    this.#auditLog = new AuditLog(database)
    this.users = userWrites(database)
    this.#oldest = new Oldest(database)
    this.#erasure = new Erasure(database, (work) =>
      this.#write(() => this.#bodies.forget({ issues: new Set(work()), stacks: new Set() })),
    )
    this.#usedBytes = database.prepare(
      `SELECT (page_count - freelist_count) * page_size AS bytes
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    )
    this.#position = database.prepare('SELECT position FROM digest_position')
    this.#moveTo = database.prepare('UPDATE digest_position SET position = ?')
    this.#dataVersion = database.prepare('PRAGMA data_version')
  }

  save(bodies: Iterable<DigestedBody>): SaveResult {
    return this.#write(() => this.#writeBodies(this.#inOrder(bodies)))
  }

  rehearse(body: DigestedBody): void {
    const undo = new Error('undo')
    try {
      this.#write(() => {
        this.#writeBodies([body])
        throw undo
      })
    } catch (error) {
      if (error !== undo) throw error
    }
  }

  position(): number {
    return Number(this.#position.get()?.position)
  }

  keptPositions(): number[] {
    return this.#bodies.deadLetters.positions()
  }

  deadLetter(id: number): DeadLetter | undefined {
    return this.#bodies.deadLetters.find(id)
  }

  replayed(id: number, body: DigestedBody): SaveResult {
    return this.#write(() => {
      const { deadLetters, rollUps } = this.#bodies
      const letter = deadLetters.find(id)
      if (letter === undefined) throw new Error(`There is no dead letter ${id}.`)
      const { projectId, stage, protocol, count, position, receivedAt } = letter
      rollUps.takeBack({ projectId, outcome: 'failed', reason: stage, protocol, count }, receivedAt)
      deadLetters.delete(id)
      const result = this.#writeBodies([body])
      return { ...result, keep: deadLetters.areAt(position) ? [position] : [] }
    })
  }

  deleteDeadLetter(id: number): { found: boolean; released?: number } {
    return inTransaction(this.#database, () => {
      const { deadLetters } = this.#bodies
      const letter = deadLetters.find(id)
      if (letter === undefined) return { found: false }
      deadLetters.delete(id)
      return deadLetters.areAt(letter.position) ? { found: true } : { found: true, released: letter.position }
    })
  }

  createProject(project: { name: string; id?: number; publicKey?: string }, now: number): Project {
    return inTransaction(this.#database, () => this.#projects.create(project, now))
  }

  createKey(projectId: number, publicKey: string | undefined, now: number): IngestKey {
    return inTransaction(this.#database, () => this.#projects.createKey(projectId, publicKey, now))
  }

  revokeKey(publicKey: string, now: number): boolean {
    return inTransaction(this.#database, () => this.#projects.revokeKey(publicKey, now))
  }

  createToken(token: NewToken, now: number): ApiToken {
    return inTransaction(this.#database, () => this.#tokens.create(token, now))
  }

  revokeToken(id: number, now: number): boolean {
    return inTransaction(this.#database, () => this.#tokens.revoke(id, now))
  }

  renameProject(id: number, name: string): void {
    inTransaction(this.#database, () => this.#projects.rename(id, name))
  }

  createTeam(name: string, now: number): Team {
    return inTransaction(this.#database, () => this.#teams.create(name, now))
  }

  updateTeam(id: number, edit: TeamEdit): void {
    inTransaction(this.#database, () => this.#teams.update(id, edit))
  }

  deleteTeam(id: number): boolean {
    return inTransaction(this.#database, () => this.#teams.delete(id))
  }

  audit(entry: NewAuditEntry, now: number): void {
    inTransaction(this.#database, () => this.#auditLog.add(entry, now))
  }

  updateIssue(issueId: number, change: IssueEdit, now: number): boolean {
    return this.#write(() => {
      this.#bodies.clear()
      return this.#edits.apply(issueId, change, now)
    })
  }

  forgetOldest(limit: OldestLimit): Forgotten {
    return this.#write(() => {
      const { forgotten, changed } = this.#oldest.forget(limit)
      this.#bodies.forget(changed)
      return forgotten
    })
  }

  usedBytes(): number {
    return Number(this.#usedBytes.get()?.bytes)
  }

  eraseUser(user: ErasedUser, describe: Describe): Generator<void, Erased> {
    return this.#erasure.erase(user, describe)
  }

  close(): void {
    this.#database.close()
  }

  /** Moves the position behind the last of them. */
  *#inOrder(bodies: Iterable<DigestedBody>): Generator<DigestedBody> {
    let position = this.position()
    for (const body of bodies) {
      if (body.position <= position) {
        throw new Error(`Body ${body.position} of the queue is digested already, up to ${position}.`)
      }
      position = body.position
      yield body
    }
    this.#moveTo.run(position)
  }

  #writeBodies(bodies: Iterable<DigestedBody>): SaveResult {
    const keep: number[] = []
    for (const body of bodies) {
      this.#bodies.write(body)
      if (body.dead.length > 0) keep.push(body.position)
    }
    return { ...this.#bodies.flush(), keep }
  }

  /** What is known by heart is forgotten whenever it may not be what is written. */
  #write<Result>(work: () => Result): Result {
    try {
      return inTransaction(this.#database, () => {
        this.#noticeOthers()
        return work()
      })
    } catch (error) {
      this.#bodies.clear()
      throw error
    }
  }

  /** @see https://www.sqlite.org/pragma.html#pragma_data_version */
  #noticeOthers(): void {
    const version = this.#dataVersion.get()?.data_version
    if (version === this.#seenDataVersion) return
    this.#seenDataVersion = version
    this.#bodies.clear()
  }
}
