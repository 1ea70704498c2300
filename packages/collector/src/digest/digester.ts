import { setImmediate as nextTurn } from 'node:timers/promises'
import type { QueuedBody, QueueReader } from '../queue/queue.js'
import type { DigestedBody, SaveResult, StoreWriter } from '../store/store.js'
import { BackOff, type BackOffParts } from './back-off.js'
import { reasonOf } from './dead-reason.js'
import { type DigestBody, deadBody, type WeighedBody } from './digest-body.js'
import { LastTaken, newNote } from './last-taken.js'
import { isOutage } from './outage.js'
import { type Replay, replayDeadLetter } from './replay.js'
import { withoutSpoilers } from './spoilers.js'

export type { Replay } from './replay.js'

/** What is read from the queue at once. */
const TAKE = { bodies: 500, bytes: 1_048_576 }
/** What is stored in one transaction: beyond it a commit costs no less an event, and this thread answers nobody meanwhile. */
const TRANSACTION = { events: 500, unpackedBytes: 8_388_608 }

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

interface Digested {
  body: QueuedBody
  digested: WeighedBody
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
    const replay = replayDeadLetter(deadLetterId, this.#parts)
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
      await nextTurn() // messages to this thread have their turn between two transactions
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
    this.#save(this.#digest())
    return true
  }

  #digest(): Digested[] {
    const group: Digested[] = []
    let events = 0
    let unpackedBytes = 0
    for (const body of this.#ahead) {
      const digested = this.#digestOne(body)
      group.push({ body, digested })
      events += digested.events.length
      unpackedBytes += digested.unpackedBytes
      if (body.position <= this.#lastTaken.aloneTo) break
      if (events >= TRANSACTION.events || unpackedBytes >= TRANSACTION.unpackedBytes) break
    }
    return group
  }

  #digestOne(body: QueuedBody): WeighedBody {
    if (this.#lastTaken.take(body.position)) return this.#parts.digestBody(body)
    return deadBody(body, 'worker', 'The digest worker has ended twice while it was at this body.')
  }

  #save(group: readonly Digested[]): void {
    try {
      this.#commit(group.map(({ digested }) => digested))
    } catch (error) {
      if (isOutage(error)) throw error
      for (const one of group) this.#saveAlone(one)
    }
  }

  #saveAlone({ body, digested }: Digested): void {
    try {
      this.#commit([digested])
    } catch (error) {
      if (isOutage(error)) throw error
      this.#saveWithoutSpoilers({ body, digested, error })
    }
  }

  #saveWithoutSpoilers(refused: Digested & { error: unknown }): void {
    try {
      this.#commit([withoutSpoilers(refused, this.#parts.store)])
    } catch (error) {
      if (isOutage(error)) throw error
      this.#commit([deadBody(refused.body, 'store', reasonOf(error))])
    }
  }

  #commit(bodies: readonly DigestedBody[]): void {
    const result = this.#parts.store.save(bodies)
    this.#position = bodies.at(-1)?.position ?? this.#position
    this.#ahead = this.#ahead.filter(({ position }) => position > this.#position)
    this.#tellOfDead(bodies)
    this.#parts.onSaved({ position: this.#position, keep: result.keep, result })
  }

  /** One line for all of a transaction: their cause is most likely the same. */
  #tellOfDead(bodies: readonly DigestedBody[]): void {
    const dead = bodies.flatMap((body) => body.dead)
    const [first] = dead
    if (first === undefined) return
    const { stage, reason } = first
    this.#parts.log.warn(
      { deadLetters: dead.length, stage, reason },
      'events could not be digested: they are kept as dead letters',
    )
  }
}
