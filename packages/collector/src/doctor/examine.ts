import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { takeMoment } from '../backup/take-moment.js'
import type { CollectorConfig } from '../config.js'
import { databaseFiles, isInUse } from '../data-folder.js'
import { readQueueFacts } from '../queue/sqlite/queue-facts.js'
import { checkIntegrity } from '../store/sqlite/check-integrity.js'
import { readStoredInADay, readStoreFacts } from '../store/sqlite/store-facts.js'
import { type Check, failed, ok } from './check.js'
import { checkClock } from './check-clock.js'
import { checkBacklog, checkBooks, checkDeadLetters } from './check-contents.js'
import { checkDisk, checkFolder, checkRights } from './check-folder.js'
import { checkVersions } from './check-versions.js'

export interface ExamineOptions {
  config: CollectorConfig
  /** Leaves out what takes longest: whether indexes agree with their tables. */
  isQuick?: boolean
  /** Milliseconds since 1970. */
  now: number
  /** Told what takes long. */
  onProgress?: (step: string) => void
}

/** Looks at a data folder, whether a collector runs on it or not; changes nothing. Each check comes when it is done. */
export async function* examine(options: ExamineOptions): AsyncGenerator<Check> {
  const { config } = options
  const path = resolve(config.data)
  const folder = checkFolder(path)
  yield folder
  if (folder.state === 'failed') return
  yield checkRights(path)
  const isRunning = isInUse(path)
  yield ok('collector', isRunning ? 'One runs on this folder.' : 'None runs on this folder.')

  let isWhole = true
  for (const check of checkDatabases(path, options)) {
    yield check
    if (check.state === 'failed') isWhole = false
  }
  if (!isWhole) return
  const versions = checkVersions(path)
  yield versions
  if (versions.state === 'failed') return
  if (!existsSync(databaseFiles(path).queueFile)) {
    yield ok('queue.db', 'There is none yet: the first start makes it.')
    return
  }
  yield* examineContents(path, { ...options, isRunning })
}

function* checkDatabases(path: string, { isQuick, onProgress }: ExamineOptions): Generator<Check> {
  for (const name of ['store.db', 'queue.db']) {
    const file = join(path, name)
    if (!existsSync(file)) continue
    onProgress?.(`Checking ${name}`)
    const mistake = checkIntegrity(file, { isQuick })
    yield mistake === undefined
      ? ok(name, 'It is whole.')
      : failed(
          name,
          `It is damaged (${mistake}): stop the collector, move ${path} away, and \`faultline restore\` the last backup.`,
        )
  }
}

async function* examineContents(
  path: string,
  { config, now, isRunning }: ExamineOptions & { isRunning: boolean },
): AsyncGenerator<Check> {
  const moment = await takeMoment(databaseFiles(path))
  try {
    const store = readStoreFacts(moment.store.database)
    const queue = readQueueFacts(moment.queue.database, store.position)
    const storedInADay = readStoredInADay(moment.store.database, now)
    moment.close()
    yield await checkDisk(path, { config, store, storedInADay })
    yield await checkClock({ config, now, isRunning, newestReceivedAt: store.newestReceivedAt })
    yield checkBooks(store, queue)
    yield checkBacklog(queue, { config, now, isRunning })
    yield checkDeadLetters(store)
  } finally {
    moment.close()
  }
}
