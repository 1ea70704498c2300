/** The database cannot be used as it is. The message is a sentence for the operator, and names the way out. */
export class StoreUnusable extends Error {
  override name = 'StoreUnusable'
}

// https://www.sqlite.org/rescode.html
const WAYS_OUT: Record<number, string> = {
  5: 'is locked by another process: end that, and try again.',
  8: 'cannot be written: let the collector’s user write to it and its folder.',
  11: 'is damaged: restore a backup.',
  13: 'has no room on its disk: make some.',
  14: 'cannot be opened: its folder has to exist, and the collector’s user has to be allowed to write there.',
  26: 'is no database: restore a backup, or name another folder for the data.',
}

/** What SQLite has thrown, in a sentence with the way out; anything else as it is. */
export function explainUnusable(error: unknown, file: string): unknown {
  const code = (error as { errcode?: number }).errcode
  const wayOut = code === undefined ? undefined : WAYS_OUT[code & 0xff]
  return wayOut === undefined ? error : new StoreUnusable(`The store ${file} ${wayOut}`, { cause: error })
}
