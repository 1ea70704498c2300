import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { LRUCache } from 'lru-cache'
import { checkNewest, MIGRATIONS } from '../migrations.js'
import { explainUnusable } from '../store-unusable.js'

/** Searches differ in their text: the statements of the latest ones are kept. */
const MOST_STATEMENTS = 200

/** A connection that reads, with its prepared statements. */
export class Database {
  readonly #connection: DatabaseSync
  readonly #statements = new LRUCache<string, StatementSync>({ max: MOST_STATEMENTS })
  readonly #file: string

  /** @throws StoreUnusable when it is no store, of another version than `check` lets pass, or damaged */
  constructor(
    file: string,
    check = (connection: DatabaseSync) => checkNewest(connection, MIGRATIONS.length),
  ) {
    this.#file = file
    let connection: DatabaseSync | undefined
    try {
      connection = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
      connection.exec('PRAGMA query_only = ON')
      check(connection)
    } catch (error) {
      connection?.close()
      throw explainUnusable(error, file)
    }
    this.#connection = connection
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[]
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined
  }

  /** Everything that is read inside is of one moment. @throws StoreUnusable */
  atOnce<Result>(read: () => Result): Result {
    try {
      this.#connection.exec('BEGIN')
      const result = read()
      this.#connection.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
      throw explainUnusable(error, this.#file)
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
