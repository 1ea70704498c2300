import { setTimeout as pause } from 'node:timers/promises'
import { isOutage } from '../queue/outage.js'
import type { QueuedBody, QueueReader } from '../queue/queue.js'
import type { DigestedBody, NewDeadLetter, SaveResult, StoreWriter } from '../store/store.js'
import { BackOff, type BackOffParts } from './back-off.js'
import { reasonOf } from './dead-reason.js'
import { type DigestBody, deadBody, type WeighedBody } from './digest-body.js'
import { LastTaken, newNote } from './last-taken.js'
import { type Replay, replayDeadLetter } from './replay.js'
import { type Refused, withoutSpoilers } from './spoilers.js'

export type { Replay } from './replay.js'

/** What is read from the queue at once. */
const TAKE = { bodies: 2000, bytes: 8_388_608 }
/** What is stored in one transaction: 500 events cost a sixth more each, and while it runs this thread answers nobody. */
const TRANSACTION = { events: 2000, unpackedBytes: 8_388_608 }

/** Between two transactions messages to this thread have their turn, and the command line's, which wants to write too. */
const BETWEEN_MS = 2

/** What the queue's writer has to know. */
export interface Saved {
  /** Up to here the queue is digested: `queue.trim(position, keep)`. */
  position: number
  keep: number[]
  /** The body of a dead letter that is needed no more: `queue.release(release)`. */
  release?: number
  result: SaveResult
}

export interface DigesterParts extends BackOffParts {
  queue: QueueReader
  store: Pick<StoreWriter, 'save' | 'rehearse' | 'position' | 'deadLetter' | 'replayed'>
  digestBody: DigestBody
  /** Made by `newNote` in a thread that outlives this one, and the same for each that follows it. */
  note?: SharedArrayBuffer
  /** After each transaction. */
  onSaved(saved: Saved): void
}

export interface Digester {
  /** There is more in the queue. */
  poke(): void
  /** Resolves once nothing is behind the position, or the digester is closed. */
  drain(): Promise<void>
  /** @throws when the store fails whatever it is given: then nothing has changed */
  replay(deadLetterId: number): Promise<Replay>
  /** Ends after the transaction that is under way; what is left is digested at the next start. */
  close(): Promise<void>
}

/** Takes bodies from the queue, digests them and has them stored, one transaction after the other. */
export function createDigester(parts: DigesterParts): Digester {
  return new QueueDigester(parts)
}

class QueueDigester implements Digester {
  readonly #parts: DigesterParts
  readonly #backOff: BackOff
  readonly #end = new AbortController()
  readonly #lastTaken: LastTaken
  #position: number
  /** Taken from the queue, and not stored yet. */
  #ahead: QueuedBody[] = []
  #run: Promise<void> | undefined

  constructor(parts: DigesterParts) {
    this.#parts = parts
    this.#backOff = new BackOff(parts)
    this.#position = parts.store.position()
    this.#lastTaken = new LastTaken(parts.note ?? newNote(), this.#position)
  }

  poke(): void {
    if (this.#end.signal.aborted) return
    this.#run ??= this.#work().finally(() => {
      this.#run = undefined
    })
  }

  async drain(): Promise<void> {
    this.poke()
    await this.#run
  }

  async replay(deadLetterId: number): Promise<Replay> {
    const replay = this.#lastTaken.whileReplaying(deadLetterId, () =>
      replayDeadLetter(deadLetterId, this.#parts),
    )
    if (replay.kind === 'replayed') {
      const { result, position } = replay
      const release = result.keep.includes(position) ? {} : { release: position }
      this.#parts.onSaved({ position: this.#position, keep: result.keep, ...release, result })
    }
    return replay
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#run
  }

  async #work(): Promise<void> {
    for (;;) {
      await pause(BETWEEN_MS)
      if (this.#end.signal.aborted) return
      try {
        if (!this.#digestSome()) return
        this.#backOff.succeed()
      } catch (error) {
        this.#lastTaken.forget()
        await this.#backOff.fail(error, this.#end.signal)
      }
    }
  }

  /** One transaction. @returns whether there was anything to digest */
  #digestSome(): boolean {
    if (this.#ahead.length === 0) this.#ahead = this.#parts.queue.take(this.#position, TAKE)
    if (this.#ahead.length === 0) return false
    const taken: QueuedBody[] = []
    try {
      this.#commit(this.#digestAhead(taken))
    } catch (error) {
      if (isOutage(error)) throw error
      for (const body of taken) this.#saveAlone(body)
    }
    return true
  }

  /** Each body is digested when the store asks for it, so that what comes of it is garbage before the next one. */
  *#digestAhead(taken: QueuedBody[]): Generator<DigestedBody> {
    let events = 0
    let unpackedBytes = 0
    for (const body of this.#ahead) {
      taken.push(body)
      const digested = this.#digestOne(body)
      events += digested.events.length
      unpackedBytes += digested.unpackedBytes
      yield digested
      if (body.position <= this.#lastTaken.aloneTo) return
      if (events >= TRANSACTION.events || unpackedBytes >= TRANSACTION.unpackedBytes) return
    }
  }

  #digestOne(body: QueuedBody): WeighedBody {
    if (this.#lastTaken.take(body.position)) return this.#parts.digestBody(body)
    return deadBody(body, 'worker', 'The digest worker has ended twice while it was at this body.')
  }

  #saveAlone(body: QueuedBody): void {
    const digested = this.#digestOne(body)
    try {
      this.#commit([digested])
    } catch (error) {
      if (isOutage(error)) throw error
      this.#saveWithoutSpoilers({ body, digested, error })
    }
  }

  #saveWithoutSpoilers(refused: Refused): void {
    try {
      this.#commit([withoutSpoilers(refused, this.#parts.store)])
    } catch (error) {
      if (isOutage(error)) throw error
      this.#commit([deadBody(refused.body, 'store', reasonOf(error))])
    }
  }

  #commit(bodies: Iterable<DigestedBody>): void {
    const dead: NewDeadLetter[] = []
    const result = this.#parts.store.save(notingDead(bodies, dead))
    this.#position = this.#parts.store.position()
    this.#ahead = this.#ahead.filter(({ position }) => position > this.#position)
    this.#tellOf(dead)
    this.#parts.onSaved({ position: this.#position, keep: result.keep, result })
  }

  /** One line for all of a transaction: their cause is most likely the same. */
  #tellOf(dead: readonly NewDeadLetter[]): void {
    const [first] = dead
    if (first === undefined) return
    const { stage, reason } = first
    this.#parts.log.warn(
      { deadLetters: dead.length, stage, reason },
      'events could not be digested: they are kept as dead letters',
    )
  }
}

function* notingDead(bodies: Iterable<DigestedBody>, dead: NewDeadLetter[]): Generator<DigestedBody> {
  for (const body of bodies) {
    dead.push(...body.dead)
    yield body
  }
}
