import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { hourOf, minuteOf } from './roll-ups.js'

const ROWS_AT_ONCE = 1000

/** Deletes the old rows of what charts are made of. The books stay for ever: `outcome_hours`. */
export class OldRollUps {
  readonly #ofHours: StatementSync[]
  readonly #ofMinutes: StatementSync[]

  constructor(database: DatabaseSync) {
    const prepare = (table: string, time: string, others: string) => {
      const key = `project_id, ${time}, ${others}`
      return database.prepare(
        `DELETE FROM ${table} WHERE (${key}) IN (
           SELECT ${key} FROM projects p CROSS JOIN ${table} ON project_id = p.id AND ${time} < ? LIMIT ${ROWS_AT_ONCE})`,
      )
    }
    this.#ofHours = [
      prepare('project_hours', 'hour', 'service, environment, severity'),
      prepare('dropped_hours', 'hour', 'reason'),
    ]
    this.#ofMinutes = [prepare('request_minutes', 'minute', 'service, environment, release, route, status')]
  }

  /** @param before milliseconds since 1970 @returns how many rows */
  forget(before: number): number {
    const deleted = [
      ...this.#ofHours.map((statement) => statement.run(hourOf(before)).changes),
      ...this.#ofMinutes.map((statement) => statement.run(minuteOf(before)).changes),
    ]
    return deleted.reduce<number>((sum, changes) => sum + Number(changes), 0)
  }
}
