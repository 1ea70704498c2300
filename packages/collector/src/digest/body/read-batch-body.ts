import { readBatch } from '@faultline/protocol'
import type { QueuedBody } from '../../queue/queue.js'
import type { OutcomeCount } from '../../store/store.js'
import { type BodyReading, type BodyToRead, contextOf, protocolOf } from './body-reading.js'

/** Our own protocol. What intake has told its sender to be wrong is found again, and counted. */
export function readBatchBody({ body, bytes, normalisers }: BodyToRead): BodyReading {
  const { mistakes, batch, rejected } = readBatch(JSON.parse(bytes.toString()))
  if (mistakes !== undefined) throw new TypeError('It is no batch.')

  const { id, events, repeats = [], requests = [], dropped = [] } = batch
  const context = contextOf(body)
  const isRejected = new Set(rejected.map(({ index }) => index))
  let index = -1
  return {
    events: events.map((event) => {
      do index++
      while (isRejected.has(index))
      return { index, context, normalise: () => normalisers.tidyNative(event, context) }
    }),
    batch: { id, repeats, requests },
    dropped,
    outcomes: rejected.length === 0 ? [] : [{ ...mistaken(body), count: rejected.length }],
  }
}

function mistaken(body: QueuedBody): Omit<OutcomeCount, 'count'> {
  const { projectId } = body
  return { projectId, outcome: 'invalid', reason: 'mistaken', protocol: protocolOf(body) }
}
