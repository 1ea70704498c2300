import { createEventMaker, type EventMaker } from '../collector/event-maker.ts'
import { Dice } from './dice.ts'
import { type RawRequest, RequestMaker } from './hostile-requests.ts'
import { type Answered, RawSocket } from './raw-socket.ts'
import type { ServedCollector } from './served-collector.ts'

const CONNECTIONS = 16
const HONEST_ONE_IN = 50
const MAX_OFFENCES = 20

export interface FuzzOptions {
  requests: number
  seed: number
  /** After every so many; to look around while it goes on. */
  onProgress?(done: number): void
}

export interface FuzzResult {
  /** How many ended how, by kind of request. */
  endings: Record<string, Record<string, number>>
  /** Answers that none should be, with what was sent. */
  offences: string[]
  /** Ids of the valid events that were acknowledged. */
  acknowledged: string[]
  slowestMs: number
  slowest: string
}

/** Sends so many requests of a seed, and a valid event in between now and then. */
export async function fuzzCollector(collector: ServedCollector, options: FuzzOptions): Promise<FuzzResult> {
  const fuzz = new Fuzz(collector, options)
  await Promise.all(Array.from({ length: CONNECTIONS }, () => fuzz.send()))
  return fuzz.result
}

class Fuzz {
  readonly result: FuzzResult = { endings: {}, offences: [], acknowledged: [], slowestMs: 0, slowest: '' }
  readonly #collector: ServedCollector
  readonly #options: FuzzOptions
  readonly #hostile: RequestMaker
  readonly #honest: EventMaker
  #sent = 0

  constructor(collector: ServedCollector, options: FuzzOptions) {
    this.#collector = collector
    this.#options = options
    this.#hostile = new RequestMaker(new Dice(options.seed), collector.hostile)
    this.#honest = createEventMaker(options.seed)
  }

  async send(): Promise<void> {
    const { port, hasEnded } = this.#collector
    const socket = new RawSocket(port)
    while (this.#sent < this.#options.requests && !hasEnded()) {
      const at = ++this.#sent
      this.#options.onProgress?.(at)
      if (at % HONEST_ONE_IN === 0) await this.#sendHonest(socket, at)
      const request = this.#hostile.next()
      const startedAt = performance.now()
      const answered = await socket.send(request)
      this.#note(request, answered, performance.now() - startedAt)
    }
    socket.close()
  }

  async #sendHonest(socket: RawSocket, at: number): Promise<void> {
    socket.close()
    const { id, request } = at % 100 === 0 ? this.#batch() : this.#envelope()
    for (let attempt = 0; attempt < 100; attempt++) {
      const { ending } = await socket.send(request)
      this.#count(request.kind, ending)
      if (ending === '200' || ending === '202') return void this.result.acknowledged.push(id)
      if (ending !== '503' && ending !== '429') return this.#offend(`a valid event: ${ending}`, request)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    this.#offend('a valid event was never taken', request)
  }

  #batch() {
    const event = this.#honest.event(Date.now())
    const body = JSON.stringify({ id: event.id, events: [event] })
    return { id: event.id, request: this.#honestRequest('events', body) }
  }

  #envelope() {
    const event = this.#honest.sentryEvent(Date.now())
    const id = String(event.event_id)
    const body = `{"event_id":"${id}"}\n{"type":"event"}\n${JSON.stringify(event)}\n`
    return { id, request: this.#honestRequest('envelope', body) }
  }

  #honestRequest(door: string, body: string): RawRequest {
    const { projectId, publicKey } = this.#collector.honest
    const head = `POST /api/${projectId}/${door}/ HTTP/1.1\r\nhost: x\r\nx-sentry-auth: Sentry sentry_key=${publicKey}\r\nauthorization: Bearer ${publicKey}`
    const bytes = Buffer.from(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    return { kind: 'a valid event', bytes, isWhole: true, isHonest: true }
  }

  #note(request: RawRequest, { ending, head }: Answered, ms: number): void {
    this.#count(request.kind, ending)
    if (ms > this.result.slowestMs && request.isWhole) {
      this.result.slowestMs = ms
      this.result.slowest = shown(request)
    }
    const isMeant = ending === '503' && /^retry-after: \d/im.test(head)
    if ((ending.startsWith('5') && !isMeant) || ending === 'no answer') this.#offend(ending, request)
  }

  #count(kind: string, ending: string): void {
    this.result.endings[kind] ??= {}
    const counts = this.result.endings[kind]
    counts[ending] = (counts[ending] ?? 0) + 1
  }

  #offend(why: string, request: RawRequest): void {
    if (this.result.offences.length < MAX_OFFENCES) this.result.offences.push(`${why}: ${shown(request)}`)
  }
}

function shown({ bytes }: RawRequest): string {
  return JSON.stringify(bytes.subarray(0, 600).toString('latin1'))
}
