import type { DatabaseSync } from 'node:sqlite'
import { readQueueFacts } from '../queue/sqlite/queue-facts.js'
import { Snapshot } from '../store/sqlite/snapshot.js'
import { readStoreFacts, readVersion } from '../store/sqlite/store-facts.js'
import type { Manifest } from './manifest.js'

/** What two databases hold, as the manifest says it. @throws what SQLite throws */
export function readContents(files: {
  storeFile: string
  queueFile: string
}): Pick<Manifest, 'schemas' | 'counts'> {
  const store = readFrom(files.storeFile, (database) => ({
    version: readVersion(database),
    facts: readStoreFacts(database),
  }))
  const { position, projects, issues, events } = store.facts
  const queue = readFrom(files.queueFile, (database) => ({
    version: readVersion(database),
    facts: readQueueFacts(database, position),
  }))
  return {
    schemas: { store: store.version, queue: queue.version },
    counts: { projects, issues, events, queueBodies: queue.facts.pending.bodies },
  }
}

function readFrom<Result>(file: string, read: (database: DatabaseSync) => Result): Result {
  const snapshot = new Snapshot(file)
  try {
    return read(snapshot.database)
  } finally {
    snapshot.close()
  }
}
