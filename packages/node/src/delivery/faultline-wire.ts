import type { Batch, BatchAnswer } from '@faultline/protocol'
import type { Contents, Wire } from './wire.js'

/** Our own protocol: many events in one batch. */
export const faultlineWire: Wire = {
  name: 'faultline',
  maxEvents: 100,
  pathOf: ({ projectId }) => `/api/${projectId}/events`,
  headersOf: ({ publicKey }) => ({
    authorization: `Bearer ${publicKey}`,
    'content-type': 'application/json',
  }),
  encode: (contents) => JSON.stringify(contents),
  halve(body, newId) {
    const { events, requests = [], repeats = [], dropped = [] } = JSON.parse(body) as Batch
    if (events.length < 2) return undefined
    const middle = events.length >> 1
    const none = { requests: [], repeats: [], dropped: [] }
    const first: Contents = { id: newId(), events: events.slice(0, middle), ...none }
    return [first, { id: newId(), events: events.slice(middle), requests, repeats, dropped }]
  },
  understand(answer) {
    const { accepted, rejected } = (parsed(answer) ?? {}) as Partial<BatchAnswer>
    if (typeof accepted !== 'number' || !Array.isArray(rejected)) return undefined
    return { rejected: rejected.map(({ index }) => index) }
  },
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
