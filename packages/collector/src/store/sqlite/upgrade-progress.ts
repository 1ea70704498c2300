import type { DatabaseSync } from 'node:sqlite'

/** How far the backfill of a step is. */
export interface UpgradeProgress {
  place: number
  done: number
  total: number
}

/** There only while a backfill is under way, in the schema of neither version. @returns nothing when none is */
export function findUpgrade(database: DatabaseSync): UpgradeProgress | undefined {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migration_progress'").get()
  if (table === undefined) return undefined
  const row = database.prepare('SELECT place, done, total FROM migration_progress').get()
  return row as UpgradeProgress | undefined
}

export function beginUpgrade(database: DatabaseSync, total: number): void {
  database.exec(`
    CREATE TABLE migration_progress (place INTEGER NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL) STRICT;
    INSERT INTO migration_progress VALUES (0, 0, ${total});
  `)
}

export function noteUpgrade(database: DatabaseSync, { place, done }: UpgradeProgress): void {
  database.prepare('UPDATE migration_progress SET place = ?, done = ?').run(place, done)
}

export function endUpgrade(database: DatabaseSync): void {
  database.exec('DROP TABLE migration_progress')
}

/** Never 100 before it is done. */
export function percentOf({ done, total }: UpgradeProgress): number {
  return Math.min(99, Math.floor((100 * done) / total))
}
