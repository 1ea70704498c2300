import type { DatabaseSync } from 'node:sqlite'
import { checkVersion, MIGRATIONS, type Migration, versionOf } from './migrations.js'
import { openForWriting } from './open-for-writing.js'
import { inTransaction } from './transaction.js'
import { beginUpgrade, endUpgrade, findUpgrade, noteUpgrade, percentOf } from './upgrade-progress.js'

export interface UpgradeOptions {
  /** Told in a sentence what it is at: when it begins, once a second, and when it is done. */
  onProgress?: (message: string) => void
  /** For tests: other steps than ours. */
  migrations?: readonly Migration[]
  /** For tests: another clock, in milliseconds. */
  clock?: () => number
}

const TELL_EVERY_MS = 1000

/**
 * Brings a store to the newest version; does nothing where there is none yet. It may be ended at any moment: the next time it goes on
 * behind the last transaction. Of two at once each takes the slices that the other has not taken.
 *
 * @param file its folder exists
 * @throws StoreUnusable when it is no database, of a newer version, or cannot be written
 */
export function upgradeStore(file: string, options: UpgradeOptions = {}): void {
  const database = openForWriting(file, (opened) => {
    upgrade(opened, options)
    return opened
  })
  database.close()
}

function upgrade(database: DatabaseSync, options: UpgradeOptions): void {
  const { migrations = MIGRATIONS, onProgress = () => undefined, clock = () => performance.now() } = options
  checkVersion(database, migrations.length)
  const from = versionOf(database)
  if (from === 0 || from === migrations.length) return
  let toldAt = Number.NEGATIVE_INFINITY
  for (;;) {
    if (clock() - toldAt >= TELL_EVERY_MS) {
      toldAt = clock()
      onProgress(sentenceOf(database, migrations))
    }
    if (inTransaction(database, () => goOn(database, migrations))) break
  }
  onProgress(`The store is of version ${migrations.length} now.`)
}

/** A step without its backfill, or a slice of that. @returns whether nothing is left to do */
function goOn(database: DatabaseSync, migrations: readonly Migration[]): boolean {
  const version = versionOf(database)
  const migration = migrations[version]
  if (migration === undefined) return true
  const { sql, backfill } = migration
  const progress = findUpgrade(database)
  if (progress === undefined) {
    database.exec(sql)
    const total = backfill?.count(database) ?? 0
    if (total > 0) beginUpgrade(database, total)
    else raiseVersion(database)
    return false
  }
  const slice = backfill?.slice(database, progress.place) ?? { place: 0, done: 0 }
  if (slice.done > 0) {
    noteUpgrade(database, { ...progress, place: slice.place, done: progress.done + slice.done })
  } else {
    endUpgrade(database)
    raiseVersion(database)
  }
  return false
}

function raiseVersion(database: DatabaseSync): void {
  database.exec(`PRAGMA user_version = ${versionOf(database) + 1}`)
}

function sentenceOf(database: DatabaseSync, migrations: readonly Migration[]): string {
  const version = versionOf(database)
  const sentence = `The store is brought from version ${version} to ${version + 1}`
  const progress = findUpgrade(database)
  if (progress === undefined) return `${sentence}.`
  const { done, total } = progress
  const { items } = migrations[version]?.backfill ?? { items: 'items' }
  return `${sentence}: ${inThousands(done)} of ${inThousands(total)} ${items} (${percentOf(progress)} %).`
}

function inThousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ')
}
