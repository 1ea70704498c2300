import type { Queue, QueueReader } from '../queue.js'
import { openForReading, openForWriting, unusable } from './open-database.js'
import { QueueRows } from './queue-rows.js'
import { type QueueOptions, SqliteQueue } from './sqlite-queue.js'
import { SqliteQueueReader } from './sqlite-queue-reader.js'

/**
 * The queue in an SQLite file of its own, which is made where there is none. At a start, `trim` it to the position that the store
 * has committed before anything is appended.
 * @throws QueueUnusable
 */
export function openQueue(file: string, options: QueueOptions): Queue {
  const database = openForWriting(file)
  try {
    return new SqliteQueue(new QueueRows(database), options)
  } catch (cause) {
    database.close()
    throw unusable(file, cause)
  }
}

/**
 * The same queue, for the thread that digests.
 * @throws QueueUnusable also where there is no such file yet
 */
export function openQueueReader(file: string): QueueReader {
  const database = openForReading(file)
  try {
    return new SqliteQueueReader(database)
  } catch (cause) {
    database.close()
    throw unusable(file, cause)
  }
}
