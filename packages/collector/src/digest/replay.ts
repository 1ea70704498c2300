import { isOutage } from '../queue/outage.js'
import type { QueuedBody, QueueReader } from '../queue/queue.js'
import type { SaveResult, StoreWriter } from '../store/store.js'
import { type DigestBody, type WeighedBody, WHOLE } from './digest-body.js'
import { withoutSpoilers } from './spoilers.js'

/** What has become of a dead letter: it is `failed` again and stays as it was, or its body is `gone` from the queue. */
export type Replay =
  | { kind: 'not_found' }
  | { kind: 'gone' }
  | { kind: 'failed'; reason: string }
  | { kind: 'replayed'; result: SaveResult; position: number }

export interface ReplayParts {
  queue: Pick<QueueReader, 'get'>
  store: Pick<StoreWriter, 'rehearse' | 'deadLetter' | 'replayed'>
  digestBody: DigestBody
}

/**
 * Digests once more what a dead letter stands for, and nothing else of its body.
 * @throws when the store fails whatever it is given
 */
export function replayDeadLetter(id: number, { queue, store, digestBody }: ReplayParts): Replay {
  const letter = store.deadLetter(id)
  if (letter === undefined) return { kind: 'not_found' }
  const { position, index } = letter
  const body = queue.get(position)
  if (body === undefined) return { kind: 'gone' }

  const digested = storable(digestBody(body, index), body, store)
  const again = digested.dead.find((dead) => dead.index === index || dead.index === WHOLE)
  if (again !== undefined) return { kind: 'failed', reason: again.reason }
  return { kind: 'replayed', result: store.replayed(id, digested), position }
}

function storable(digested: WeighedBody, body: QueuedBody, store: ReplayParts['store']): WeighedBody {
  try {
    store.rehearse(digested)
    return digested
  } catch (error) {
    if (isOutage(error)) throw error
    return withoutSpoilers({ body, digested, error }, store)
  }
}
