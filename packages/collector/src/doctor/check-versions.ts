import { existsSync } from 'node:fs'
import { databaseFiles } from '../data-folder.js'
import { QUEUE_VERSION } from '../queue/sqlite/queue-schema.js'
import { Snapshot } from '../store/sqlite/snapshot.js'
import { readVersion, STORE_VERSION } from '../store/sqlite/store-facts.js'
import { type Check, failed, ok } from './check.js'

const NAME = 'versions'

/** Of Node and of both schemas. */
export function checkVersions(path: string): Check {
  const { storeFile, queueFile } = databaseFiles(path)
  const store = versionOf(storeFile)
  const queue = existsSync(queueFile) ? versionOf(queueFile) : QUEUE_VERSION
  if (store === 0)
    return failed(
      NAME,
      'store.db is a database of another program: name the folder of a collector with --data.',
    )
  if (store > STORE_VERSION || queue > QUEUE_VERSION)
    return failed(
      NAME,
      `The store is of version ${store} and the queue of ${queue}, and this Faultline knows ${STORE_VERSION} and ${QUEUE_VERSION}: use a newer one.`,
    )
  const still = store < STORE_VERSION ? `; the next start brings the store to ${STORE_VERSION}` : ''
  return ok(NAME, `Node ${process.versions.node}, store ${store}, queue ${queue}${still}.`)
}

function versionOf(file: string): number {
  const snapshot = new Snapshot(file)
  try {
    return readVersion(snapshot.database)
  } finally {
    snapshot.close()
  }
}
