import type { IngestKey } from '../../store.js'
import { checkVersion, MIGRATIONS } from '../migrations.js'
import { Database } from './database.js'
import { readKeys } from './projects.js'

/** What intake needs of the store, while an upgrade goes on too: it is the same in all versions. */
export interface EarlyReader {
  keys(): IngestKey[]
  /** How far the queue is digested, and what dead letters need of it, at one moment. */
  queueNeeds(): { position: number; keep: number[] }
  close(): void
}

/** Opens a store of any version up to ours. The file must be there. @throws StoreUnusable */
export function openEarlyReader(file: string): EarlyReader {
  const database = new Database(file, (connection) => checkVersion(connection, MIGRATIONS.length))
  return {
    keys: () => database.atOnce(() => readKeys(database)),
    queueNeeds: () => database.atOnce(() => readQueueNeeds(database)),
    close: () => database.close(),
  }
}

function readQueueNeeds(database: Database): { position: number; keep: number[] } {
  const { position = 0 } = database.get<{ position: number }>('SELECT position FROM digest_position') ?? {}
  const letters = database.all<{ position: number }>('SELECT DISTINCT position FROM dead_letters')
  return { position, keep: letters.map((letter) => letter.position) }
}
