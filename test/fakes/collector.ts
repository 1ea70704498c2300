// The collector of the tests and of `npm start`: a real HTTP receiver, small, strict and full of faults when asked.
//
//   const collector = await startCollector()
//   t.teardown(() => collector.stop())
//   const reporter = createReporter({ dsn: collector.dsn })
//   collector.answerWith(faults.status(503, { retryAfter: 1 }), { times: 2 })
//   …
//   await collector.waitFor(({ events }) => events.length === 3, 'three events')
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readBody } from './collector-body.ts'
import { type Answer, type Exchange, type Fault, Refusal, sendAnswer } from './collector-faults.ts'
import { CollectorInbox, type Keeping } from './collector-inbox.ts'
import { claimsKey, readEnvelope } from './sentry-envelope.ts'

export { type Answer, type Exchange, type Fault, faults } from './collector-faults.ts'

export interface CollectorOptions {
  /** Default: a free one. */
  port?: number
  /** Bytes of one body, unpacked. Default 10 MB. */
  bodyLimitBytes?: number
  /** `false`: only `counted` goes up, nothing is checked or kept. For benchmarks. */
  record?: boolean
}

const publicKey = '0123456789abcdef0123456789abcdef'
const projectId = '1'

/** Starts it on 127.0.0.1. */
export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const collector = new Collector(options)
  await collector.restart()
  return collector
}

export class Collector extends CollectorInbox {
  /** POSTs begun, whatever became of them. */
  attempts = 0
  readonly #options: CollectorOptions
  readonly #server = createServer((request, response) => this.#handle(request, response))
  readonly #watchers = new Set<() => void>()
  #port: number
  #fault: Fault | undefined
  #faultTimes = 0

  constructor(options: CollectorOptions) {
    super(options)
    this.#options = options
    this.#port = options.port ?? 0
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get dsn(): string {
    return `http://${publicKey}@127.0.0.1:${this.#port}/${projectId}`
  }

  /** Answers the next POSTs with a fault, instead of the one before; without one, all is well again. */
  answerWith(fault?: Fault, { times = Number.POSITIVE_INFINITY }: { times?: number } = {}): void {
    this.#fault = fault
    this.#faultTimes = times
  }

  /** Resolves as soon as the condition holds; it is looked at again whenever something has happened here. */
  waitFor(condition: (collector: this) => boolean, message = String(condition)): Promise<void> {
    if (condition(this)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const look = () => void (condition(this) && end(resolve))
      const timer = setTimeout(() => {
        end(() => reject(new Error(`Waited 15 s for: ${message}. The collector has ${this.summary()}`)))
      }, 15_000)
      const end = (settle: () => void) => {
        clearTimeout(timer)
        unwatch()
        settle()
      }
      const unwatch = this.watch(look)
    })
  }

  /** Calls back whenever something has happened here; gives what ends it. */
  watch(look: () => void): () => void {
    this.#watchers.add(look)
    return () => void this.#watchers.delete(look)
  }

  /** Closes at once, open sockets too. What was received is kept. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** Starts it again on the same port. */
  async restart(): Promise<void> {
    await this.stop()
    while (!(await this.#listen(this.#port || quietPort()))) {
      if (this.#port !== 0) throw new Error(`Port ${this.#port} is taken.`)
    }
  }

  #listen(port: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? resolve(false) : reject(error)
      this.#server.once('error', fail)
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', fail)
        this.#port = port
        resolve(true)
      })
    })
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return sendAnswer(response, { status: 405, body: { title: 'Only POST.' } })
    this.attempts++
    response.once('close', () => this.#tell())
    let reading: Promise<Buffer> | undefined
    const read = () => {
      reading ??= readBody(request, this.#options.bodyLimitBytes ?? 10_000_000)
      return reading
    }
    const exchange: Exchange = {
      request,
      response,
      read,
      keep: async (how) => {
        const answer = await this.#keep(request, read, how)
        this.#tell()
        return answer
      },
      drain: async () => void (await readBody(request, Number.POSITIVE_INFINITY)),
      send: (answer) => sendAnswer(response, answer),
    }
    const fault = this.#nextFault()
    this.#tell()
    try {
      await fault(exchange)
    } catch (error) {
      // A client that went away while it was read has nobody to answer to; anything else is a mistake of the test.
      if (!request.socket.destroyed) throw error
    }
  }

  #nextFault(): Fault {
    if (this.#fault === undefined || this.#faultTimes-- <= 0) return answerAsUsual
    return this.#fault
  }

  async #keep(request: IncomingMessage, read: () => Promise<Buffer>, how: Keeping = {}): Promise<Answer> {
    const [, project, kind] = /^\/api\/(\d+)\/(events|envelope)\/?(?:\?|$)/.exec(request.url ?? '') ?? []
    try {
      const body = await read()
      if (kind === undefined) throw new Refusal(404, 'No such address.')
      const envelope = kind === 'envelope' ? readEnvelope(body) : undefined
      if (!claimsKey(request, publicKey, envelope)) throw new Refusal(401, 'The key is missing or wrong.')
      if (project !== projectId) throw new Refusal(404, 'No such project.')
      return envelope ? this.keepEnvelope(envelope) : this.keepBatch(body, how)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return error.answer(kind === 'envelope')
    }
  }

  #tell(): void {
    for (const look of [...this.#watchers]) look()
  }
}

const answerAsUsual: Fault = async ({ keep, send }) => send(await keep())

/**
 * A port below those that systems give to outgoing connections (32768 on Linux), so that it is still free after a while
 * of being stopped, and that a client which tries again and again cannot meet itself there.
 */
function quietPort(): number {
  return 15_000 + Math.floor(Math.random() * 17_000)
}
