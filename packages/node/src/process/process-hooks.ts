import { AsyncLocalStorage } from 'node:async_hooks'
import { constants } from 'node:os'
import { type Logger, type Reporter, serializeError } from '@faultline/core'
import { newEventId, thrownReport } from '@faultline/core/adapter'
import { currentReporter } from '../reporter/current-reporter.js'
import { type Origin, printAsNode, rejectionError } from './print-as-node.js'

interface Settings {
  reporter?: Reporter | undefined
  logger?: Logger | undefined
  exitCode: number | false
  flushTimeoutMs: number
}

/** For the reporter to put on disk what was not sent. */
const CLOSE_MS = 1000

/** What comes out of our own logging and reporting is printed only: logged and reported, it would come again and again. */
const ownPath = new AsyncLocalStorage<true>()

/** The listeners of `catchProcessErrors`, and what they have met so far. */
export class ProcessHooks {
  readonly #settings: Settings
  readonly #metThisTurn = new Set<unknown>()
  #told = 0
  #isExiting = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  // First in line: the application's listeners may exit at once, and those that run once are gone when they have run.
  install(): void {
    process.prependListener('uncaughtException', this.#onException)
    process.prependListener('unhandledRejection', this.#onRejection)
    process.prependOnceListener('SIGTERM', this.#onSigterm)
    process.prependOnceListener('SIGINT', this.#onSigint)
    process.prependOnceListener('beforeExit', this.#flush)
  }

  remove(): void {
    process.off('uncaughtException', this.#onException)
    process.off('unhandledRejection', this.#onRejection)
    process.off('SIGTERM', this.#onSigterm)
    process.off('SIGINT', this.#onSigint)
    process.off('beforeExit', this.#flush)
  }

  readonly #onException = (error: unknown, origin: Origin): void => {
    // of --unhandled-rejections=strict: the reason itself comes next, as a rejection
    const isWrapper =
      origin === 'unhandledRejection' && (error as { code?: unknown })?.code === 'ERR_UNHANDLED_REJECTION'
    if (!isWrapper) this.#meet(error, origin)
  }

  readonly #onRejection = (reason: unknown): void => {
    const isNew = this.#meet(reason, 'unhandledRejection')
    if (!isNew || process.listenerCount('unhandledRejection') > 1) return
    // Node takes a rejection that nobody listens for as an exception: our listener must not keep it from those who listen for them.
    const error = rejectionError(reason)
    const emitter: NodeJS.EventEmitter = process
    emitter.emit('uncaughtExceptionMonitor', error, 'unhandledRejection')
    emitter.emit('uncaughtException', error, 'unhandledRejection')
  }

  readonly #onSigterm = (): void => this.#onSignal('SIGTERM')
  readonly #onSigint = (): void => this.#onSignal('SIGINT')

  /** Our listener is gone already: what else listens sees the process as it is without us, and the next signal takes its course. */
  #onSignal(signal: 'SIGTERM' | 'SIGINT'): void {
    if (process.listenerCount(signal) > 0) void this.#flush()
    else void this.#closeAndDie(signal)
  }

  async #closeAndDie(signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
    await this.#flush()
    // a time of its own: what the collector has not taken in the other one goes to disk now
    await inTime(CLOSE_MS, async () => this.#reporter?.close(0))
    process.kill(process.pid, signal)
    // the first process of a container outlives any signal that it does not listen to
    if (process.pid === 1) process.exit(128 + constants.signals[signal])
  }

  /** False for what was met a moment ago: a promise and those made of it reject with one and the same error. */
  #meet(thrown: unknown, origin: Origin): boolean {
    if (typeof thrown === 'object' && thrown !== null) {
      if (this.#metThisTurn.has(thrown)) return false
      this.#metThisTurn.add(thrown)
      setImmediate(() => this.#metThisTurn.delete(thrown))
    }
    printAsNode(thrown, origin)
    if (ownPath.getStore() === undefined) ownPath.run(true, () => this.#tell(thrown))
    if (this.#settings.exitCode !== false) void this.#exit(this.#settings.exitCode)
    return true
  }

  #tell(thrown: unknown): void {
    // an id of its own: a guard may have reported the error before, but not that it has ended the process
    const report = thrownReport(thrown, {
      mechanism: 'process',
      handled: false,
      level: 'fatal',
      id: newEventId(),
    })
    const err = serializeError(thrown)
    this.#log('fatal', { err, eventId: report.id }, err.message)
    this.#told++
    try {
      this.#reporter?.report(report)
    } catch (error) {
      const failure = serializeError(error, { bytes: 8192 })
      this.#log('warn', { eventId: report.id, failure }, `Faultline: the reporter failed: ${failure.message}`)
    }
  }

  async #exit(exitCode: number): Promise<void> {
    if (this.#isExiting) return
    this.#isExiting = true
    await ownPath.run(true, this.#flush)
    try {
      process.exit(exitCode)
    } catch (error) {
      printAsNode(error, 'uncaughtException')
      process.exit(exitCode) // the second call asks no listener of 'exit'
    }
  }

  /** Also what is reported meanwhile. */
  readonly #flush = async (): Promise<void> => {
    const reporter = this.#reporter
    if (reporter === undefined) return
    const { flushTimeoutMs } = this.#settings
    const deadlineMs = performance.now() + flushTimeoutMs
    const isSent = await inTime(flushTimeoutMs, async () => {
      let told: number
      let isAll: boolean
      do {
        told = this.#told
        isAll = await reporter.flush(Math.max(0, deadlineMs - performance.now()))
      } while (told !== this.#told)
      return isAll
    })
    if (isSent !== true) this.#log('warn', {}, 'Faultline: not all events were sent in time')
  }

  get #reporter(): Reporter | undefined {
    return this.#settings.reporter ?? currentReporter()
  }

  #log(level: 'fatal' | 'warn', fields: object, message: string): void {
    const { logger } = this.#settings
    if (logger === undefined) return
    try {
      if (level === 'fatal' && typeof logger.fatal === 'function') logger.fatal(fields, message)
      else logger[level === 'fatal' ? 'error' : level](fields, message)
    } catch {
      // standard error has it
    }
  }
}

/** What a reporter answers; `undefined` where it fails or takes too long. */
async function inTime(
  timeoutMs: number,
  ask: () => Promise<boolean | undefined>,
): Promise<boolean | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined)
  })
  const answer = await Promise.race([ask().catch(() => undefined), timeout])
  clearTimeout(timer)
  return answer
}
