// The load: makes its bodies beforehand, then sends them as fast as they are taken, or at a rate.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { createEventMaker } from './event-maker.ts'
import { RawConnection } from './raw-connection.ts'

export type LoadOrder =
  | { prepare: 'batches' | 'envelopes'; events: number; seed: number }
  | { send: Target; eventsPerSecond?: number; connections: number }

export interface Target {
  port: number
  projectId: number
  publicKey: string
  token: string
}

export interface LoadResult {
  events: number
  seconds: number
  /** Of the answers, in milliseconds; at a rate, from the moment at which the request was due. */
  latenciesMs: number[]
  /** From the answer until the API has the event. */
  visibleMs: number[]
  /** How many answers had which status. */
  statuses: Record<string, number>
}

interface Body {
  bytes: Uint8Array
  events: number
  lastId: string
}

const BATCH_EVENTS = 50
/** How many events of a paced run are looked for in the API. */
const LOOKS = 200

let bodies: Body[] = []
let kind: 'batches' | 'envelopes' = 'batches'

process.on('message', async (order: LoadOrder) => {
  if ('prepare' in order) {
    kind = order.prepare
    bodies = prepare(order.events, order.seed)
    process.send?.({ bytes: bodies.reduce((sum, { bytes }) => sum + bytes.length, 0) })
  } else {
    process.send?.(await send(order.send, order))
    bodies = []
  }
})
process.on('disconnect', () => process.exit())

function prepare(events: number, seed: number): Body[] {
  const maker = createEventMaker(seed)
  const now = Date.now()
  if (kind === 'envelopes') {
    return Array.from({ length: events }, () => {
      const event = maker.sentryEvent(now)
      const id = String(event.event_id)
      const text = `{"event_id":"${id}"}\n{"type":"event"}\n${JSON.stringify(event)}\n`
      return { bytes: Buffer.from(text), events: 1, lastId: id }
    })
  }
  return Array.from({ length: Math.ceil(events / BATCH_EVENTS) }, () => {
    const batch = Array.from({ length: BATCH_EVENTS }, () => maker.event(now))
    const text = JSON.stringify({ id: randomUUID(), events: batch })
    return { bytes: gzipSync(text), events: BATCH_EVENTS, lastId: batch.at(-1)?.id ?? '' }
  })
}

async function send(
  target: Target,
  { eventsPerSecond, connections }: { eventsPerSecond?: number; connections: number },
): Promise<LoadResult> {
  const head = headOf(target)
  const result: LoadResult = { events: 0, seconds: 0, latenciesMs: [], visibleMs: [], statuses: {} }
  const looks: Promise<void>[] = []
  const lookEvery = Math.max(1, Math.floor(bodies.length / LOOKS))
  const start = performance.now()
  let next = 0
  const work = async () => {
    const connection = new RawConnection(target.port)
    for (let at = next++; at < bodies.length; at = next++) {
      const body = bodies[at] as Body
      const due = eventsPerSecond ? start + (at * body.events * 1000) / eventsPerSecond : performance.now()
      if (due > performance.now()) await sleep(due - performance.now())
      const { status } = await connection.request(head, body.bytes)
      const answered = performance.now()
      result.latenciesMs.push(answered - due)
      result.statuses[status] = (result.statuses[status] ?? 0) + 1
      if (status < 300) result.events += body.events
      if (eventsPerSecond && at % lookEvery === 0) {
        looks.push(
          untilVisible(target, body.lastId).then(
            () => void result.visibleMs.push(performance.now() - answered),
          ),
        )
      }
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: connections }, work))
  result.seconds = (performance.now() - start) / 1000
  await Promise.all(looks)
  return result
}

function headOf({ projectId, publicKey }: Target): string {
  return kind === 'batches'
    ? `POST /api/${projectId}/events HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${publicKey}\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n`
    : `POST /api/${projectId}/envelope/?sentry_key=${publicKey}&sentry_version=7 HTTP/1.1\r\nhost: bench\r\n`
}

async function untilVisible({ port, token }: Target, id: string): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/events/${id}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    await response.arrayBuffer()
    if (response.ok) return
    if (response.status !== 404) throw new Error(`GET /api/v1/events/${id} answers ${response.status}`)
    await sleep(10)
  }
}
