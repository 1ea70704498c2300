import { AsyncLocalStorage } from 'node:async_hooks'
import type { Complain, Mention } from '../complaints.js'
import type { BackOff } from './back-off.js'
import type { Outbox } from './outbox.js'
import type { Packer } from './packer.js'
import type { Parcel } from './parcel.js'
import type { Sender } from './sender.js'
import type { Understood, Wire } from './wire.js'

export interface CourierParts {
  packer: Packer
  outbox: Outbox
  sender: Sender
  backOff: BackOff
  wires: Readonly<Record<Parcel['wire'], Wire>>
  /** How long a first error waits for others to go with it. */
  flushIntervalMs: number
  complain: Complain
  mention: Mention
}

const MOST_TIMEOUT_MS = 2 ** 31 - 1

/**
 * Brings parcels to the collector: one at a time, the oldest first. While the collector is away, what is due goes to disk if there is
 * one, and waits in memory otherwise.
 */
export class Courier {
  readonly #parts: CourierParts
  #run: Promise<void> | undefined
  #isSending = false
  #spilling: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  /** The interval is over: what waits goes, full parcel or not. */
  #isDue = false
  #flushes = 0
  /** A flush may try once before the back-off is over. */
  #mayTryEarly = false
  #isStopped = false
  #isExiting = false
  readonly #waiters = new Set<() => void>()
  /** What is set going here belongs to no request, whosever error has set it going. */
  readonly #outside = AsyncLocalStorage.snapshot()

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  /** Something waits that did not before. Cheap: it is called for each error. */
  notice(): void {
    if (this.#isExiting) this.stopNow()
    else if (this.#parts.packer.isFull) this.#relieve()
    else if (this.#timer === undefined && this.#run === undefined) this.#outside(() => this.#plan())
  }

  /** Counts wait, or parcels of others: they go with the next parcel, or now. */
  goNow(): void {
    this.#isDue = true
    this.#go()
  }

  /** Sends everything that waits in memory. @returns `false` when the time ran out */
  async flush(timeoutMs: number): Promise<boolean> {
    if (this.#isStopped) return this.#isIdle
    this.#flushes++
    this.#mayTryEarly = true
    const isDone = this.#isIdleIn(Math.min(timeoutMs, MOST_TIMEOUT_MS))
    this.#go()
    try {
      return await isDone
    } finally {
      this.#flushes--
      if (this.#flushes === 0) this.#mayTryEarly = false
    }
  }

  /** Ends: what is still in memory goes to disk, or is given up. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#parts.sender.stop()
    await this.#run
    await this.#spilling
    const { packer, outbox } = this.#parts
    while (await outbox.keepHeld()) {
      const parcel = await this.#pack()
      if (parcel === undefined || !(await outbox.keep(parcel))) break
    }
    packer.giveUpAll('closed')
    await outbox.close()
    this.#tellWaiters()
  }

  /** The same when nothing can be waited for. */
  stopNow(): void {
    this.#isStopped = true
    this.#isExiting = true // what other listeners of 'exit' report is written as it comes
    this.#parts.outbox.closeNow(this.#parts.packer.packAllNow())
  }

  #go(): void {
    if (this.#isStopped || this.#run !== undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#outside(() => {
      this.#run = this.#work()
        .catch((bug: unknown) => this.#parts.complain('the reporter has a bug', bug))
        .finally(() => {
          this.#run = undefined
          this.#tellWaiters()
          this.#plan()
        })
    })
  }

  async #work(): Promise<void> {
    while (!this.#isStopped) {
      if (this.#mustWait()) {
        await this.#spill()
        return
      }
      const parcel = await this.#next()
      if (parcel === undefined) return
      this.#isSending = true
      await this.#deliver(parcel).catch((bug: unknown) => this.#putAside(parcel, bug))
      this.#isSending = false
      this.#tellWaiters()
    }
  }

  async #pack(): Promise<Parcel | undefined> {
    const parcel = await this.#parts.packer.pack()
    return parcel && this.#parts.outbox.lend(parcel)
  }

  #mustWait(): boolean {
    const { backOff } = this.#parts
    if (backOff.waitMs(performance.now()) === 0) return false
    if (!this.#mayTryEarly || backOff.isOrdered(performance.now())) return true
    this.#mayTryEarly = false
    return false
  }

  async #next(): Promise<Parcel | undefined> {
    const { outbox, packer } = this.#parts
    const isDue = this.#isDue || packer.isFull || this.#flushes > 0
    if (this.#flushes > 0 && !outbox.hasHeld && packer.hasErrors) return this.#pack() // what is in memory is in danger
    const older = await outbox.next(isDue && packer.hasErrors)
    if (older !== undefined || !isDue) return older
    this.#isDue = false
    return this.#pack()
  }

  async #deliver(parcel: Parcel): Promise<void> {
    const { sender, outbox, backOff, wires, packer, complain, mention } = this.#parts
    const outcome = await sender.send(parcel, wires[parcel.wire])
    const { id: batch, events, counted } = parcel
    mention(`a batch was ${outcome.kind === 'accepted' ? 'accepted' : 'not accepted'}`, {
      batch,
      events,
      counted,
      outcome,
    })
    switch (outcome.kind) {
      case 'accepted':
        backOff.succeed()
        if (outcome.pauseMs !== undefined) backOff.obey(performance.now(), outcome.pauseMs)
        if (outbox.hasSpooled) this.#isDue = true // an outage is over: what has waited meanwhile follows, counts too
        return this.#accept(parcel, outcome)
      case 'again':
        backOff.fail(performance.now(), outcome.retryAfterMs)
        if (!this.#isStopped) complain(`${sender.server} does not take events`, new Error(outcome.why))
        if (outcome.isBug) outbox.suspect(parcel)
        await outbox.keep(parcel)
        return
      case 'too-large': {
        const halves = packer.halve(parcel)
        if (halves !== undefined) return outbox.replace(parcel, halves)
        backOff.fail(performance.now())
        complain(`an event is larger than ${sender.server} takes`)
        return outbox.giveUp(parcel, 'too_large')
      }
      case 'refused':
        backOff.fail(performance.now()) // it will most likely refuse the next one too
        complain(`${sender.server} has refused events`, new Error(outcome.why))
        return outbox.giveUp(parcel, 'refused')
    }
  }

  async #accept(parcel: Parcel, { rejected: indexes, why }: Understood): Promise<void> {
    const { outbox, complain, sender } = this.#parts
    const isEvent = (index: number) => Number.isInteger(index) && index >= 0 && index < parcel.events
    const rejected = [...new Set(indexes)].filter(isEvent)
    await outbox.accept(parcel, rejected)
    if (rejected.length > 0) complain(`${sender.server} has refused events`, why && new Error(why))
  }

  /** A bug of ours, or a file that is broken: this parcel's turn comes again, after the others'. */
  async #putAside(parcel: Parcel, bug: unknown): Promise<void> {
    const { complain, backOff, outbox } = this.#parts
    complain('a batch could not be sent', bug)
    backOff.fail(performance.now())
    outbox.suspect(parcel)
    await outbox.keep(parcel)
  }

  /** Memory fills faster than it empties: what can go to disk goes there, even while a parcel is on its way. */
  #relieve(): void {
    if (this.#run === undefined) this.#go()
    else if (this.#isSending && this.#parts.packer.isHalfFull) {
      this.#spilling ??= this.#outside(() =>
        this.#spill()
          .catch((bug: unknown) => this.#parts.complain('the reporter has a bug', bug))
          .finally(() => {
            this.#spilling = undefined
            this.#tellWaiters()
            this.#plan()
          }),
      )
    }
  }

  /** What is due goes to disk, as long as the disk takes it. */
  async #spill(): Promise<void> {
    const { outbox, packer } = this.#parts
    const isWanted = () => this.#isDue || this.#flushes > 0 || packer.isFull
    try {
      while ((await outbox.keepHeld()) && !this.#isStopped && isWanted()) {
        const parcel = await this.#pack()
        if (parcel === undefined || !(await outbox.keep(parcel))) return
      }
    } finally {
      this.#isDue = false
    }
  }

  /** Sets the clock for what comes next. What waits keeps the process alive, unless the server does not answer and nobody knows how long. */
  #plan(): void {
    if (this.#isStopped || this.#timer !== undefined || this.#run !== undefined) return
    const { packer, outbox, backOff, flushIntervalMs } = this.#parts
    const waitMs = backOff.waitMs(performance.now())
    if (waitMs > 0) {
      const delayMs = outbox.hasSpool && packer.hasErrors ? Math.min(waitMs, flushIntervalMs) : waitMs
      this.#wakeIn(delayMs).unref()
    } else if (packer.hasErrors || outbox.hasHeld) this.#wakeIn(flushIntervalMs)
    else if (outbox.hasSpooled) this.#wakeIn(flushIntervalMs).unref()
  }

  #wakeIn(delayMs: number): NodeJS.Timeout {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.goNow()
    }, delayMs)
    return this.#timer
  }

  #isIdleIn(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isIdle: boolean) => {
        clearTimeout(timer)
        this.#waiters.delete(tell)
        resolve(isIdle)
      }
      const tell = () => end(true)
      const timer = setTimeout(end, timeoutMs, false)
      this.#waiters.add(tell)
    })
  }

  /** No error is in memory. Counts wait for a server that takes them, and nobody waits for those meanwhile. */
  get #isIdle(): boolean {
    const { packer, outbox, backOff } = this.#parts
    if (packer.hasErrors || packer.isPacking || outbox.isInMemory) return false
    return this.#isStopped || !packer.hasCounts || backOff.waitMs(performance.now()) > 0
  }

  #tellWaiters(): void {
    if (!this.#isIdle) return
    for (const tell of [...this.#waiters]) tell()
  }
}
