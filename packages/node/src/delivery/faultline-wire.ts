import type { Batch, BatchAnswer } from '@faultline/protocol'
import type { Contents, Wire } from './wire.js'

const WHY_LENGTH = 500

/** Our own protocol: many events in one batch. */
export const faultlineWire: Wire = {
  name: 'faultline',
  maxEvents: 100,
  pathOf: ({ projectId }) => `/api/${projectId}/events`,
  headersOf: ({ publicKey }) => ({
    authorization: `Bearer ${publicKey}`,
    'content-type': 'application/json',
  }),
  encodeEvent: (event) => JSON.stringify(event),
  encode({ events, ...rest }) {
    const list = events.map(({ text }) => text).join()
    return `${JSON.stringify(rest).slice(0, -1)},"events":[${list}]}`
  },
  halve(body, newId) {
    const { events: parsedEvents, requests = [], repeats = [], dropped = [] } = JSON.parse(body) as Batch
    const events = parsedEvents.map((event) => ({ id: event.id, text: JSON.stringify(event) }))
    if (events.length < 2) return undefined
    const middle = events.length >> 1
    const none = { requests: [], repeats: [], dropped: [] }
    const first: Contents = { id: newId(), events: events.slice(0, middle), ...none }
    return [first, { id: newId(), events: events.slice(middle), requests, repeats, dropped }]
  },
  understand(answer) {
    const { accepted, rejected } = (parsed(answer) ?? {}) as Partial<BatchAnswer>
    if (typeof accepted !== 'number' || !Array.isArray(rejected)) return undefined
    return { rejected: rejected.map((one) => one?.index as number), why: whyOf(rejected[0]) }
  },
}

/** What is wrong with the first of them. */
function whyOf(rejected: BatchAnswer['rejected'][number] | undefined): string | undefined {
  return rejected && JSON.stringify(rejected.problem)?.slice(0, WHY_LENGTH)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
