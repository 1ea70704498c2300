import { DatabaseSync } from 'node:sqlite'

const MOST_SHOWN = 3

export interface IntegrityOptions {
  /** Leaves out whether indexes say what their tables say: far faster. */
  isQuick?: boolean
}

/** Reads all of a database. @returns what is wrong with it in SQLite's words, or undefined */
export function checkIntegrity(file: string, { isQuick = false }: IntegrityOptions = {}): string | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
    const pragma = isQuick ? 'quick_check' : 'integrity_check'
    const rows = database.prepare(`PRAGMA ${pragma}(${MOST_SHOWN})`).all()
    const mistakes = rows.map((row) => String(Object.values(row)[0])).filter((mistake) => mistake !== 'ok')
    return mistakes.length === 0 ? undefined : mistakes.join('; ').replaceAll('\n', ' ')
  } catch (error) {
    return (error as Error).message
  } finally {
    database?.close()
  }
}
