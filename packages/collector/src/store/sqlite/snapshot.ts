import { backup, DatabaseSync } from 'node:sqlite'

const LOCK_TIMEOUT_MS = 5000
/** 8 MiB: a step that is long enough to be fast, and short enough for a progress bar. */
const STEP_PAGES = 2048

/** How many of how many bytes. */
export type OnProgress = (doneBytes: number, totalBytes: number) => void

/** A database that others may be writing, at one moment. Their log cannot be emptied while it is held. */
export class Snapshot {
  readonly database: DatabaseSync

  /** Opens the file; the moment is that of `take`. */
  constructor(file: string) {
    this.database = new DatabaseSync(file, { readOnly: true, timeout: LOCK_TIMEOUT_MS })
  }

  /** From here on everything is read as it is now. */
  take(): void {
    if (this.database.isTransaction) this.database.exec('ROLLBACK')
    this.database.exec('BEGIN')
    this.database.prepare('SELECT count(*) FROM sqlite_schema').get() // the moment is that of the first read
  }

  /**
   * Writes the database as it was at that moment into a file of its own, without a log.
   * Without the open transaction SQLite would begin anew whenever somebody else has written, and never end.
   * @see https://www.sqlite.org/c3ref/backup_finish.html#sqlite3backupstep
   */
  async copyTo(file: string, onProgress: OnProgress): Promise<void> {
    const pageBytes = Number(this.database.prepare('PRAGMA page_size').get()?.page_size)
    await backup(this.database, file, {
      rate: STEP_PAGES,
      progress: ({ remainingPages, totalPages }) =>
        onProgress((totalPages - remainingPages) * pageBytes, totalPages * pageBytes),
    })
    const copy = new DatabaseSync(file)
    copy.exec('PRAGMA journal_mode = DELETE')
    copy.close()
  }

  /** Once or more. */
  close(): void {
    if (this.database.isOpen) this.database.close()
  }
}
