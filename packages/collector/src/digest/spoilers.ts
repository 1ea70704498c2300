import { isOutage } from '../queue/outage.js'
import type { QueuedBody } from '../queue/queue.js'
import type { NewDeadLetter, StoreWriter } from '../store/store.js'
import { reasonOf } from './dead-reason.js'
import { deadBody, emptyBody, type WeighedBody } from './digest-body.js'

/** A body that the store does not take, and why. */
export interface Refused {
  body: QueuedBody
  digested: WeighedBody
  error: unknown
}

/**
 * The body without the events that the store does not take: those are dead letters. Where none is to blame alone, the whole body is.
 * @throws when the store fails whatever it is given
 */
export function withoutSpoilers(
  { body, digested, error }: Refused,
  store: Pick<StoreWriter, 'rehearse'>,
): WeighedBody {
  const spoilers = new Map<number, NewDeadLetter>()
  for (const [at, event] of digested.events.entries()) {
    const index = digested.indexes[at] as number
    try {
      store.rehearse({ ...emptyBody(body), events: [event] })
    } catch (cause) {
      if (isOutage(cause)) throw cause
      spoilers.set(at, { index, stage: 'store', reason: reasonOf(cause), count: 1 })
    }
  }
  if (spoilers.size === 0) return deadBody(body, 'store', reasonOf(error))
  return {
    ...digested,
    events: digested.events.filter((_, at) => !spoilers.has(at)),
    indexes: digested.indexes.filter((_, at) => !spoilers.has(at)),
    dead: [...digested.dead, ...spoilers.values()],
    // They come with the first event, and wait with it.
    attachments: spoilers.has(0) ? [] : digested.attachments,
  }
}
