import type { ErrorReport, RepeatedError } from '@faultline/core'
import { type Complain, createComplain } from '../complaints.js'
import { Ledger, type ReporterStats } from '../delivery/ledger.js'
import { sizeOf } from '../delivery/size-of.js'
import type { CountedError } from '../delivery/storm-control.js'
import { activeSpan } from '../event/active-span.js'
import { assembleDelivery, type Delivery } from './assemble-delivery.js'
import type { NodeReporter } from './create-reporter.js'
import { giveUpCurrentReporter } from './current-reporter.js'
import { createRepeatCheck } from './repeat-check.js'
import type { ReporterOptions } from './reporter-options.js'
import type { ReporterSettings } from './reporter-settings.js'
import { createSieve } from './sieve.js'

const TALLY_MS = 10_000
const MINUTE_MS = 60_000
const TAKE_OVER_MS = 30_000
const FLUSH_MS = 2000
/** For the disk to take what could not be sent. */
const STOP_MS = 1000

/** The reporter at work. What costs time happens after `report` has returned. */
export class CollectorReporter implements NodeReporter {
  /** Where the protocol has a word for them. */
  readonly countRequest?: (route: string, statusCode: number) => void
  readonly #ledger = new Ledger()
  readonly #delivery: Delivery
  readonly #complain: Complain
  readonly #isRepeat = createRepeatCheck()
  readonly #sieve: ReturnType<typeof createSieve>
  readonly #isChoosy: boolean
  readonly #flushMs: number
  readonly #takeOverTimer: NodeJS.Timeout | undefined
  #tallyTimer: NodeJS.Timeout | undefined
  #periodBegan = 0
  #closing: Promise<boolean> | undefined

  constructor(options: ReporterOptions, settings: ReporterSettings) {
    this.#complain = createComplain(options.logger)
    this.#sieve = createSieve(options)
    this.#isChoosy = options.ignoreErrors !== undefined || options.sampleRate !== undefined
    this.#flushMs = Math.min(FLUSH_MS, settings.timeoutMs)
    activeSpan() // the first call looks for OpenTelemetry, which takes some milliseconds
    this.#delivery = assembleDelivery({ options, settings, ledger: this.#ledger, complain: this.#complain })
    if (options.protocol !== 'sentry')
      this.countRequest = (route, statusCode) => this.#count(route, statusCode)
    if (settings.spoolFolder !== undefined) {
      process.on('exit', this.#atExit)
      this.#takeOverTimer = setInterval(() => this.#takeOver(), TAKE_OVER_MS).unref()
      this.#takeOver()
    }
  }

  report(report: ErrorReport): void {
    let isBooked = false
    try {
      if (this.#isRepeat(report)) return
      this.#ledger.report()
      isBooked = true
      const refusal = this.#closing === undefined ? this.#sieve(report) : 'closed'
      if (refusal === undefined) this.#take(report)
      else this.#ledger.drop(refusal, 1)
    } catch (bug) {
      if (isBooked) this.#ledger.drop('failed', 1)
      this.#complain('an error could not be reported', bug)
    }
  }

  countRepeat(error: RepeatedError): boolean {
    // whether it is to be reported at all is decided by more than its stack
    if (this.#isChoosy || this.#closing !== undefined || this.#isRepeat({ ...error, mechanism: 'http' }))
      return false
    if (!this.#delivery.storm.countRepeat(error, performance.now())) return false
    this.#ledger.report()
    this.#delivery.courier.notice()
    return true
  }

  async flush(timeoutMs = this.#flushMs): Promise<boolean> {
    this.#endPeriod()
    return this.#delivery.courier.flush(timeoutMs)
  }

  close(timeoutMs = this.#flushMs): Promise<boolean> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  stats(): ReporterStats {
    return this.#ledger.stats
  }

  lastCounted(): readonly CountedError[] {
    return this.#delivery.storm.lastCounted
  }

  #take(report: ErrorReport): void {
    const { queue, storm, packer, courier } = this.#delivery
    const kind = storm.admit(report, performance.now())
    if (kind !== undefined) {
      const trace = activeSpan() ?? report.trace
      const queued = { ...report, ...(trace && { trace }) } // without `thrown`, which would keep the request alive
      for (const out of queue.push({ report: queued, bytes: sizeOf(queued), kind }))
        packer.giveUp(out, 'memory')
    }
    courier.notice()
  }

  async #close(timeoutMs: number): Promise<boolean> {
    const isFlushed = await this.flush(timeoutMs)
    clearInterval(this.#takeOverTimer)
    clearTimeout(this.#tallyTimer)
    giveUpCurrentReporter(this)
    return (await this.#stoppedInTime()) && isFlushed
  }

  /** A disk that hangs must not keep a service from closing. */
  async #stoppedInTime(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, STOP_MS, false)
    })
    const stopped = this.#stop().then(() => true)
    const isStopped = await Promise.race([stopped, timeout])
    clearTimeout(timer)
    return isStopped
  }

  /** Until it is done, `process.exit()` has something to write. */
  async #stop(): Promise<void> {
    await this.#delivery.courier.stop()
    process.off('exit', this.#atExit)
  }

  #takeOver(): void {
    this.#delivery.takeOver().catch((error: unknown) => this.#complain('the spool cannot be read', error))
  }

  /** `process.exit()` leaves no time to send, but enough to write. */
  readonly #atExit = (): void => {
    this.#endPeriod()
    this.#delivery.courier.stopNow()
  }

  #count(route: string, statusCode: number): void {
    this.#delivery.requests.count(route, statusCode)
    if (this.#tallyTimer === undefined && this.#closing === undefined) this.#beginPeriod()
  }

  /** A period ends with its minute, so that all of it is of one minute. */
  #beginPeriod(): void {
    const now = Date.now()
    this.#periodBegan = now
    const lengthMs = Math.min(TALLY_MS, MINUTE_MS - (now % MINUTE_MS))
    this.#tallyTimer = setTimeout(() => {
      this.#endPeriod()
      this.#delivery.courier.goNow()
    }, lengthMs).unref()
  }

  #endPeriod(): void {
    clearTimeout(this.#tallyTimer)
    this.#tallyTimer = undefined
    this.#delivery.requests.endPeriod(this.#periodBegan)
  }
}
