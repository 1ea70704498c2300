import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { ErrorEvent } from '@faultline/protocol'
import type { Describe, Erased, ErasedUser } from '../../store.js'
import { keyWord } from '../words.js'
import { issuesMadeOf } from './dictionary-scan.js'
import { EventRemoval } from './event-removal.js'
import { IssueRemake } from './issue-remake.js'
import { userHash } from './issue-users.js'
import { StoredTexts, TEXT_COLUMNS, type TextRow } from './stored-texts.js'
import { isOfUser } from './user-traces.js'

/** Short enough for digest to wait. */
const EVENTS_AT_ONCE = 200
const PAGES_AT_ONCE = 200
/** Somebody reads all the time: each attempt takes what it can get. */
const CHECKPOINTS = 20

/** Runs a short transaction, which says which issues it has changed. */
export type Write = (work: () => Iterable<number>) => void

/** Deletes everything about a user, a slice at a time, so that nothing of it is left in the file. */
export class Erasure {
  readonly #database: DatabaseSync
  readonly #write: Write
  readonly #events: EventRemoval
  readonly #remake: IssueRemake
  readonly #find: StatementSync
  readonly #deleteUser: StatementSync
  readonly #countUser: StatementSync
  readonly #renewLast: StatementSync
  readonly #deleteFacet: StatementSync
  readonly #deleteFeedback: StatementSync

  constructor(database: DatabaseSync, write: Write) {
    this.#database = database
    this.#write = write
    this.#events = new EventRemoval(database)
    this.#remake = new IssueRemake(database, write)
    this.#find = database.prepare(
      `SELECT ${TEXT_COLUMNS} FROM (SELECT rowid AS found FROM event_words WHERE event_words MATCH ? AND rowid > ? ORDER BY rowid LIMIT ${EVENTS_AT_ONCE})
       JOIN events e ON e.id = found ORDER BY e.id`,
    )
    this.#deleteUser = database.prepare('DELETE FROM issue_users WHERE issue_id = ? AND user_hash = ?')
    this.#countUser = database.prepare('UPDATE issues SET user_count = user_count - 1 WHERE id = ?')
    this.#renewLast = database.prepare(
      `UPDATE issues SET last_event_id = (SELECT event_id FROM events WHERE issue_id = issues.id ORDER BY id DESC LIMIT 1)
       WHERE id = ? AND EXISTS (SELECT 1 FROM events WHERE issue_id = issues.id)`,
    )
    this.#deleteFacet = database.prepare(
      'DELETE FROM issue_facets WHERE issue_id = ? AND value = ? COLLATE NOCASE',
    )
    this.#deleteFeedback = database.prepare(
      `DELETE FROM feedback WHERE email = ?1 COLLATE NOCASE AND (?2 IS NULL OR project_id IN (SELECT value FROM json_each(?2)))`,
    )
  }

  *erase(user: ErasedUser, describe: Describe): Generator<void, Erased> {
    const erased = { events: 0, attachments: 0, feedback: 0 }
    const issues = new Set<number>()
    for (let behind = 0; behind < Number.MAX_SAFE_INTEGER; ) {
      behind = this.#eraseEvents(user, behind, { erased, issues })
      yield
    }
    erased.feedback += this.#eraseFeedback(user)
    for (const madeOf of issuesMadeOf(this.#database, user)) {
      yield
      for (const issueId of madeOf) {
        issues.add(issueId)
        yield* this.#remake.remake(issueId, describe)
      }
    }
    yield* this.#overwrite('event_words')
    yield* this.#overwrite('issue_words')
    yield* this.#emptyLog()
    return { ...erased, issues: issues.size }
  }

  /** @returns the last row that it has looked at */
  #eraseEvents(
    user: ErasedUser,
    behind: number,
    { erased, issues }: { erased: Omit<Erased, 'issues'>; issues: Set<number> },
  ): number {
    const touched = new Set<number>()
    let last = behind
    this.#write(() => {
      const texts = new StoredTexts(this.#database)
      const rows = this.#find.all(matchOf(user), behind) as unknown as TextRow[]
      last = rows.at(-1)?.row ?? Number.MAX_SAFE_INTEGER
      for (const row of rows) {
        const event = texts.eventOf(row, texts.textOf(row))
        if (!isOfUser(event.user, user) || user.projectIds?.includes(row.projectId) === false) continue
        const { attachments, feedback } = this.#events.remove(row)
        erased.events++
        erased.attachments += attachments
        erased.feedback += feedback
        touched.add(row.issueId)
        this.#forgetUser(row.issueId, event)
      }
      for (const issueId of touched) this.#forgetTraces(issueId, user)
      return touched
    })
    for (const issueId of touched) issues.add(issueId)
    return last
  }

  /** A sketch keeps its count: nobody can be found in it, nor taken out of it. */
  #forgetUser(issueId: number, event: ErrorEvent): void {
    const hash = userHash(event)
    if (hash === undefined) return
    if (this.#deleteUser.run(issueId, hash).changes > 0) this.#countUser.run(issueId)
  }

  #forgetTraces(issueId: number, { userId, email }: ErasedUser): void {
    this.#renewLast.run(issueId)
    for (const value of [userId, email]) if (value) this.#deleteFacet.run(issueId, value)
  }

  /** What somebody wrote under this address, whoever the event is of. */
  #eraseFeedback({ email, projectIds }: ErasedUser): number {
    if (!email) return 0
    const among: SQLInputValue = projectIds === undefined ? null : JSON.stringify(projectIds)
    let deleted = 0
    this.#write(() => {
      deleted = Number(this.#deleteFeedback.run(email, among).changes)
      return []
    })
    return deleted
  }

  /** A deleted row only hides its words: merging all of an index leaves them out. @see https://www.sqlite.org/fts5.html#the_merge_command */
  *#overwrite(table: 'event_words' | 'issue_words'): Generator<void> {
    const merge = this.#database.prepare(`INSERT INTO ${table} (${table}, rank) VALUES ('merge', ?)`)
    const total = this.#database.prepare('SELECT total_changes() AS changes')
    const changes = () => Number(total.get()?.changes)
    for (let pages = -PAGES_AT_ONCE, isMore = true; isMore; pages = PAGES_AT_ONCE) {
      const before = changes()
      this.#write(() => {
        merge.run(pages)
        return []
      })
      isMore = pages < 0 || changes() - before >= 2
      yield
    }
  }

  /** The log still has the pages as they were. */
  *#emptyLog(): Generator<void> {
    const checkpoint = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)')
    for (let attempt = 0; attempt < CHECKPOINTS; attempt++) {
      if (checkpoint.get()?.busy === 0) return
      yield
    }
  }
}

function matchOf({ userId, email }: ErasedUser): string {
  const words = [userId, email].filter((value) => value !== undefined && value !== '') as string[]
  return words.map((value) => `"${keyWord('user', value)}"`).join(' OR ')
}
