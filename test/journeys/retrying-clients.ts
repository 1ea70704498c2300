// Three clients that send events as fast as they are taken, and send again what was not acknowledged.
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'
import { KEY } from './collector-child.js'

const PAUSE_MS = 15
const EVENTS_OF_A_BATCH = 4

export interface Load {
  /** Ids of the events that were answered 2xx. */
  acknowledged: string[]
  /** Repeats that were acknowledged with them. */
  repeats: number
  /** The newest answer of each status that was no 2xx. */
  refusals: Map<number, Response>
  /** Ends it once all that was sent is acknowledged. */
  finish(): Promise<void>
  /** Ends it at once: what is not acknowledged is given up. */
  abandon(): Promise<void>
}

interface Parcel {
  path: string
  headers: Record<string, string>
  body: string | Buffer<ArrayBuffer>
  ids: string[]
  repeats: number
}

/** @param padding in each event: text that does not get smaller */
export function startLoad(t: Test, url: string, padding = ''): Load {
  let isFinishing = false
  let isAbandoned = false
  const load: Load = {
    acknowledged: [],
    repeats: 0,
    refusals: new Map(),
    async finish() {
      isFinishing = true
      await clients
    },
    async abandon() {
      isAbandoned = true
      await clients
    },
  }
  const sendUntilTaken = async (parcel: Parcel) => {
    while (!isAbandoned) {
      const response = await post(url, parcel)
      if (response?.ok) {
        load.acknowledged.push(...parcel.ids)
        load.repeats += parcel.repeats
        return
      }
      if (response !== undefined) load.refusals.set(response.status, response)
      await setTimeout(PAUSE_MS)
    }
  }
  const runClient = async (makeParcel: (padding: string) => Parcel) => {
    while (!isFinishing && !isAbandoned) await sendUntilTaken(makeParcel(padding))
  }
  const clients = Promise.all([plainBatch, packedBatch, envelope].map(runClient))
  t.teardown(load.abandon)
  return load
}

/** @returns undefined when nobody has answered */
async function post(url: string, { path, headers, body }: Parcel): Promise<Response | undefined> {
  try {
    const response = await fetch(url + path, { method: 'POST', headers, body })
    await response.text()
    return response
  } catch {
    return undefined
  }
}

function plainBatch(padding: string): Parcel {
  const ids = Array.from({ length: EVENTS_OF_A_BATCH }, randomUUID)
  const events = ids.map((id) => eventOf(id, padding))
  const repeats = [{ eventId: ids[0], count: 2, until: new Date().toISOString() }]
  const body = JSON.stringify({ id: randomUUID(), events, repeats })
  return { path: '/api/1/events', headers: { authorization: `Bearer ${KEY}` }, body, ids, repeats: 2 }
}

function packedBatch(padding: string): Parcel {
  const parcel = plainBatch(padding)
  return {
    ...parcel,
    headers: { ...parcel.headers, 'content-encoding': 'gzip' },
    body: gzipSync(parcel.body, { level: 1 }),
  }
}

function envelope(padding: string): Parcel {
  const id = randomUUID()
  const event = {
    event_id: id.replaceAll('-', ''),
    platform: 'node',
    exception: { values: [{ type: 'EnvelopeError', value: `No lamp in ${id}` }] },
    extra: { padding },
  }
  const body = `{}\n{"type":"event"}\n${JSON.stringify(event)}\n`
  return {
    path: `/api/1/envelope/?sentry_key=${KEY}`,
    headers: { 'content-type': 'application/x-sentry-envelope' },
    body,
    ids: [id],
    repeats: 0,
  }
}

/** An event of our own protocol. */
export function eventOf(id: string, padding = '', message = `No chair in ${id}`): Record<string, unknown> {
  return {
    id,
    occurredAt: new Date().toISOString(),
    level: 'error',
    handled: false,
    mechanism: 'http',
    platform: 'node',
    service: 'shop',
    environment: 'test',
    exceptions: [
      {
        type: 'BatchError',
        message,
        frames: [{ function: 'sit', file: 'src/chair.js', line: 7, inApp: true }],
      },
    ],
    extra: { padding },
    sdk: { name: 'test', version: '1' },
  }
}
