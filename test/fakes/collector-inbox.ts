import { randomUUID } from 'node:crypto'
import {
  type Batch,
  type ErrorEvent,
  type RejectedEvent,
  type RequestCount,
  readBatch,
} from '@faultline/protocol'
import { type Answer, Refusal } from './collector-faults.ts'
import type { Envelope } from './sentry-envelope.ts'

export interface Keeping {
  /** Indexes of events to reject for no reason. */
  reject?: readonly number[]
}

/** A batch or an event that the schema does not allow. */
export interface RefusedInput {
  batchId?: string
  /** Of the event in its batch; none when the batch itself is wrong. */
  index?: number
  mistakes: string[]
}

export interface SentryEvent {
  event_id: string
  [member: string]: unknown
}

export interface ClientReport {
  discarded_events?: { reason: string; category: string; quantity: number }[]
}

/** What has arrived. */
export class CollectorInbox {
  /** Accepted events, in order. */
  readonly events: ErrorEvent[] = []
  /** As they were sent; none twice. */
  readonly batches: Batch[] = []
  /** Summed. */
  readonly requests: RequestCount[] = []
  /** How often, by event id. */
  readonly repeats: Record<string, number> = {}
  /** How many, by reason. */
  readonly dropped: Record<string, number> = {}
  /** Ids of events that came in two different batches; never right. */
  readonly duplicates: string[] = []
  /** Ids of batches that came again; right after an answer that was lost. */
  readonly replays: string[] = []
  /** What the schema does not allow; never right. */
  readonly refused: RefusedInput[] = []
  /** Events that came by the Sentry protocol; none twice. */
  readonly sentryEvents: SentryEvent[] = []
  readonly clientReports: ClientReport[] = []
  /** Counted even when nothing is recorded. */
  readonly counted = { requests: 0, events: 0 }
  readonly #isRecording: boolean
  readonly #answers = new Map<string, Answer>()
  readonly #eventIds = new Set<string>()

  constructor({ record = true }: { record?: boolean }) {
    this.#isRecording = record
  }

  /** @throws Refusal 400. */
  protected keepBatch(bytes: Buffer, { reject = [] }: Keeping): Answer {
    const input = parseJson(bytes)
    if (!this.#isRecording) return this.#countBatch(input as Batch)
    const { mistakes, rejected = [] } = readBatch(input)
    if (mistakes) {
      this.refused.push({ mistakes })
      throw new Refusal(400, `The batch is wrong: ${mistakes.join('; ')}`)
    }
    const batch = input as Batch
    const former = this.#answers.get(batch.id)
    if (former) {
      this.replays.push(batch.id)
      return former
    }
    this.#countBatch(batch)
    for (const one of rejected) this.refused.push({ batchId: batch.id, ...one })
    const unwanted = reject
      .filter((index) => index < batch.events.length)
      .map((index) => ({ index, mistakes: ['A fault of the test.'] }))
    const body = this.#keepEvents(batch, [...rejected, ...unwanted])
    this.#keepCounts(batch)
    this.batches.push(batch)
    const answer = { status: 202, body }
    this.#answers.set(batch.id, answer)
    return answer
  }

  protected keepEnvelope({ header, items }: Envelope): Answer {
    this.counted.requests++
    for (const { type, payload } of items) {
      if (type === 'event') this.counted.events++
      if (!this.#isRecording) continue
      if (type === 'client_report') this.clientReports.push(parseJson(payload) as ClientReport)
      if (type === 'event') this.#keepSentryEvent(parseJson(payload) as SentryEvent, header.event_id)
    }
    return { status: 200, body: { id: header.event_id ?? newSentryId() } }
  }

  /** What is here, in a line or a few. */
  protected summary(): string {
    const { events, batches, repeats, dropped, sentryEvents, refused, duplicates, replays } = this
    const requests = this.requests.map(({ route, status, count }) => `${count} × ${status} ${route}`)
    const first = events
      .slice(0, 10)
      .map(({ exceptions: [exception], message }) => exception?.type ?? message)
    return JSON.stringify(
      {
        batches: batches.length,
        events: events.length,
        first,
        sentryEvents: sentryEvents.length,
        requests,
        repeats,
        dropped,
        duplicates,
        replays,
        refused,
      },
      null,
      1,
    )
  }

  #countBatch({ events }: Batch): Answer {
    this.counted.requests++
    this.counted.events += events.length
    return { status: 202, body: { accepted: events.length, rejected: [] } }
  }

  #keepEvents({ events }: Batch, rejected: readonly RejectedEvent[]) {
    const bad = new Map(rejected.map(({ index, mistakes }) => [index, mistakes.join('; ')]))
    for (const [index, event] of events.entries()) {
      if (bad.has(index)) continue
      if (this.#eventIds.has(event.id)) this.duplicates.push(event.id)
      else {
        this.#eventIds.add(event.id)
        this.events.push(event)
      }
    }
    const problem = { title: 'The event is wrong.', status: 400 }
    return {
      accepted: events.length - bad.size,
      rejected: [...bad].map(([index, detail]) => ({ index, problem: { ...problem, detail } })),
    }
  }

  #keepCounts({ requests = [], repeats = [], dropped = [] }: Batch): void {
    for (const { eventId, count } of repeats) this.repeats[eventId] = (this.repeats[eventId] ?? 0) + count
    for (const { reason, count } of dropped) this.dropped[reason] = (this.dropped[reason] ?? 0) + count
    for (const { count, ...key } of requests) {
      const names = Object.keys(key) as (keyof typeof key)[]
      const known = this.requests.find((request) => names.every((name) => request[name] === key[name]))
      if (known) known.count += count
      else this.requests.push({ ...key, count })
    }
  }

  #keepSentryEvent(event: SentryEvent, eventId = event.event_id ?? newSentryId()): void {
    if (this.#eventIds.has(eventId)) return
    this.#eventIds.add(eventId)
    this.sentryEvents.push({ ...event, event_id: eventId })
  }
}

function newSentryId(): string {
  return randomUUID().replaceAll('-', '')
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new Refusal(400, 'The body is no JSON.')
  }
}
