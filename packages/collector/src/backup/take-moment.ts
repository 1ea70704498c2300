import { setTimeout } from 'node:timers/promises'
import { readLastPosition } from '../queue/sqlite/queue-facts.js'
import { Snapshot } from '../store/sqlite/snapshot.js'
import { readPosition } from '../store/sqlite/store-facts.js'

const ATTEMPTS = 200
const PAUSE_MS = 5

/** Both databases at moments that fit together. */
export interface Moment {
  queue: Snapshot
  store: Snapshot
  close(): void
}

/**
 * The queue first, the store a moment later: what was digested between the two is skipped by its position. A body that was received
 * and digested between them would be in neither half of the books, nor there to replay, if it is a dead letter: then once more.
 *
 * @throws what SQLite throws
 */
export async function takeMoment(files: { queueFile: string; storeFile: string }): Promise<Moment> {
  const opened: Snapshot[] = []
  const close = () => opened.forEach((one) => void one.close())
  const open = (file: string) => {
    const snapshot = new Snapshot(file)
    opened.push(snapshot)
    return snapshot
  }
  try {
    const [queue, store] = [open(files.queueFile), open(files.storeFile)]
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (fitTogether(queue, store)) return { queue, store, close }
      await setTimeout(PAUSE_MS)
    }
    throw new Error('The queue and the store do not stand still for long enough to look at both.')
  } catch (error) {
    close()
    throw error
  }
}

function fitTogether(queue: Snapshot, store: Snapshot): boolean {
  store.take()
  const digestedBefore = readPosition(store.database) // above any in a queue whose file was lost
  queue.take()
  store.take()
  return readPosition(store.database) <= Math.max(readLastPosition(queue.database), digestedBefore)
}
