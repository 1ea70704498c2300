import { Worker } from 'node:worker_threads'
import { healthErrors } from './api/health.js'
import { type Connection, connect, remoteOf, serve } from './remote.js'
import type { Remote } from './store/store.js'

/** Of new objects: V8 would take 134 MB on a large machine, and saves 4 % of digest's time with that. */
const YOUNG_GENERATION_MB = 48
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 30_000
/** Whoever has lived so long begins anew with short pauses. */
const STEADY_MS = 60_000

export interface SupervisedWorkerOptions {
  /** `query worker`: what logs and answers call it. */
  name: string
  file: URL
  /** What the worker finds in `workerData`. */
  data: unknown
  /** What the worker may call here. */
  methods?: object
  /** Resolves when its first start will take long: then nobody waits for it, and one that fails is followed by another. */
  takesLong?: Promise<void>
  /** Why it cannot be called for a while, in a sentence, though it may live. */
  holdUp?(): string | undefined
  /** It has ended by itself; the next one starts after a pause. */
  onDeath(error: Error, pauseMs: number): void
}

/** A worker that is started again whenever it ends by itself. */
export interface SupervisedWorker<Methods> {
  /** While it is away, calls reject with a 503. */
  remote: Remote<Methods>
  /** A sentence, while it is away. */
  trouble(): string | undefined
  /** Ends one that hangs; another one starts. */
  end(): void
  /** Ends it at once; whoever wants more calls a method for that first. */
  close(): Promise<void>
}

/** Starts it. Rejects with the worker's error if it does not come up this first time, unless that takes long. */
export async function superviseWorker<Methods extends object>(
  options: SupervisedWorkerOptions,
): Promise<SupervisedWorker<Methods>> {
  const keeper = new Keeper<Methods>(options)
  await keeper.startFirst()
  return {
    remote: keeper.remote,
    trouble: () => keeper.trouble(),
    end: () => keeper.end(),
    close: () => keeper.close(),
  }
}

class Keeper<Methods extends object> {
  readonly remote: Remote<Methods>
  readonly #options: SupervisedWorkerOptions
  #worker: Worker | undefined
  #connection: Connection<Methods> | undefined
  #pauseMs = FIRST_PAUSE_MS
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: SupervisedWorkerOptions) {
    this.#options = options
    this.remote = remoteOf<Methods>((name, parameters) => this.#call(name as keyof Methods, parameters))
  }

  trouble(): string | undefined {
    return this.#connection === undefined ? `The ${this.#options.name} is being started again.` : undefined
  }

  /** Once it may take long, a start that fails is one of many. */
  async startFirst(): Promise<void> {
    const starting = this.start()
    const isLong = await Promise.race([starting, this.#options.takesLong?.then(() => true) ?? starting])
    if (isLong) starting.catch((error: Error) => this.#restartAfter(error, 0))
  }

  async start(): Promise<void> {
    const { name, file, data } = this.#options
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB }
    const worker = new Worker(file, { name, workerData: data, resourceLimits })
    const connection = connect<Methods>(worker)
    const startedAt = performance.now()
    let cause: Error | undefined
    this.#worker = worker
    worker.on('error', (error) => {
      cause = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('exit', (code) => {
      const because = cause ?? new Error(`The ${this.#options.name} has ended with code ${code}.`)
      const isRestartable = this.#connection === connection
      this.#connection = undefined
      connection.giveUp(isRestartable ? this.#away(because) : because)
      if (isRestartable) this.#restartAfter(because, performance.now() - startedAt)
    })
    if (this.#options.methods !== undefined) serve(worker, this.#options.methods)
    await connection.ready
    this.#connection = connection
  }

  end(): void {
    void this.#worker?.terminate()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#connection = undefined
    clearTimeout(this.#timer)
    await this.#worker?.terminate()
  }

  #call(name: keyof Methods, parameters: unknown[]): Promise<unknown> {
    if (this.#connection === undefined || this.#holdUp() !== undefined) return Promise.reject(this.#away())
    const method = this.#connection.remote[name] as (...parameters: unknown[]) => Promise<unknown>
    return method(...parameters)
  }

  #restartAfter(because: Error, livedMs: number): void {
    if (this.#isClosed) return
    if (livedMs >= STEADY_MS) this.#pauseMs = FIRST_PAUSE_MS
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    this.#timer = setTimeout(() => {
      this.start().catch((error: Error) => this.#restartAfter(error, 0))
    }, pauseMs)
    this.#options.onDeath(because, pauseMs)
  }

  #away(cause?: Error): Error {
    const detail = this.#holdUp() ?? this.trouble()
    return new healthErrors.NotReady({ detail, retryAfterSeconds: 1, cause })
  }

  #holdUp(): string | undefined {
    return this.#options.holdUp?.()
  }
}
