import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Describe } from '../../store.js'
import { compress, dictionaryOf, encodeDictionary, PLAIN_CODEC } from '../payload-codec.js'
import { eventWords, issueWords } from '../words.js'
import type { Write } from './erasure.js'
import { IssueRemoval } from './issue-removal.js'
import { StoredTexts, TEXT_COLUMNS, type TextRow } from './stored-texts.js'

const EVENTS_AT_ONCE = 100
const NO_DICTIONARY = new Uint8Array(0)

/**
 * Makes issues anew of the oldest event that they still have, when what they were made of must leave no trace: title, message, words
 * and dictionary. The other events are compressed with that dictionary; they are rewritten without one, a slice at a time. An issue
 * that has no events is deleted.
 */
export class IssueRemake {
  readonly #database: DatabaseSync
  readonly #write: Write
  readonly #removal: IssueRemoval
  readonly #findOldest: StatementSync
  readonly #findNext: StatementSync
  readonly #saveNames: StatementSync
  readonly #saveWords: StatementSync
  readonly #deleteFound: StatementSync
  readonly #insertFound: StatementSync
  readonly #saveDictionary: StatementSync
  readonly #saveEvent: StatementSync
  readonly #deleteWords: StatementSync
  readonly #insertWords: StatementSync

  constructor(database: DatabaseSync, write: Write) {
    this.#database = database
    this.#write = write
    this.#removal = new IssueRemoval(database)
    const prepare = (sql: string) => database.prepare(sql)
    const events = `SELECT ${TEXT_COLUMNS} FROM events e WHERE issue_id = ?`
    this.#findOldest = prepare(`${events} ORDER BY id LIMIT 1`)
    this.#findNext = prepare(
      `${events} AND id > ? AND codec <> ${PLAIN_CODEC} ORDER BY id LIMIT ${EVENTS_AT_ONCE}`,
    )
    this.#saveNames = prepare('UPDATE issues SET title = ?, type = ?, message = ?, culprit = ? WHERE id = ?')
    this.#saveWords = prepare('UPDATE dictionaries SET words = ? WHERE issue_id = ?')
    this.#deleteFound = prepare('DELETE FROM issue_words WHERE rowid = ?')
    this.#insertFound = prepare('INSERT INTO issue_words (rowid, words) VALUES (?, ?)')
    this.#saveDictionary = prepare('UPDATE dictionaries SET dictionary = ? WHERE issue_id = ?')
    this.#saveEvent = prepare('UPDATE events SET codec = ?, payload = ? WHERE id = ?')
    this.#deleteWords = prepare('DELETE FROM event_words WHERE rowid = ?')
    this.#insertWords = prepare('INSERT INTO event_words (rowid, words) VALUES (?, ?)')
  }

  /** Takes up what another attempt has left: only its end makes the dictionary another one. */
  *remake(issueId: number, describe: Describe): Generator<void> {
    let words: ReadonlySet<string> | undefined
    this.#write(() => {
      words = this.#rename(issueId, describe)
      return [issueId]
    })
    yield
    if (words === undefined) yield* this.#remove(issueId)
    else yield* this.#rewriteAll(issueId, words, describe)
  }

  /** @returns the words that it is found by now, unless it has no events */
  #rename(issueId: number, describe: Describe): ReadonlySet<string> | undefined {
    const oldest = this.#oldest(issueId)
    if (oldest === undefined) return undefined
    const { event } = oldest
    const { title, type, message, culprit } = describe(event)
    const words = issueWords({ event, title, type, message, culprit })
    const joined = Array.from(words).join(' ')
    this.#saveNames.run(title, type, message, culprit, issueId)
    this.#saveWords.run(joined, issueId)
    this.#deleteFound.run(issueId)
    this.#insertFound.run(issueId, joined)
    return words
  }

  *#remove(issueId: number): Generator<void> {
    for (let isMore = true; isMore; ) {
      this.#write(() => {
        isMore = this.#oldest(issueId) === undefined && !this.#removal.remove(issueId)
        return [issueId]
      })
      yield
    }
  }

  *#rewriteAll(issueId: number, ofIssue: ReadonlySet<string>, describe: Describe): Generator<void> {
    for (let behind = 0, isMore = true; isMore; ) {
      this.#write(() => {
        const rows = this.#findNext.all(issueId, behind) as unknown as TextRow[]
        const texts = new StoredTexts(this.#database)
        for (const row of rows) {
          const text = texts.textOf(row)
          const event = texts.eventOf(row, text)
          this.#saveEvent.run(PLAIN_CODEC, compress(text, NO_DICTIONARY), row.row)
          // The issue said words for it that it does not say any more.
          const words = eventWords({ event, message: describe(event).message }, ofIssue)
          this.#deleteWords.run(row.row)
          if (words.size > 0) this.#insertWords.run(row.row, Array.from(words).join(' '))
        }
        behind = rows.at(-1)?.row ?? behind
        isMore = rows.length === EVENTS_AT_ONCE
        if (!isMore) this.#renewDictionary(issueId)
        return [issueId]
      })
      yield
    }
  }

  /** With the last slice: from here on its events are compressed with another one. */
  #renewDictionary(issueId: number): void {
    const text = this.#oldest(issueId)?.text ?? NO_DICTIONARY
    this.#saveDictionary.run(encodeDictionary(dictionaryOf(text)), issueId)
  }

  #oldest(issueId: number) {
    const row = this.#findOldest.get(issueId) as unknown as TextRow | undefined
    if (row === undefined) return undefined
    const texts = new StoredTexts(this.#database)
    const text = texts.textOf(row)
    return { text, event: texts.eventOf(row, text) }
  }
}
