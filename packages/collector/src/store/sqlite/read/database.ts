import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { LRUCache } from 'lru-cache'

/** Searches differ in their text: the statements of the latest ones are kept. */
const MOST_STATEMENTS = 200

/** A connection that reads, with its prepared statements. */
export class Database {
  readonly #connection: DatabaseSync
  readonly #statements = new LRUCache<string, StatementSync>({ max: MOST_STATEMENTS })

  constructor(file: string) {
    this.#connection = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
    this.#connection.exec('PRAGMA query_only = ON')
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[]
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined
  }

  /** Everything that is read inside is of one moment. */
  atOnce<Result>(read: () => Result): Result {
    this.#connection.exec('BEGIN')
    try {
      return read()
    } finally {
      this.#connection.exec('COMMIT')
    }
  }

  close(): void {
    this.#connection.close()
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#connection.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
