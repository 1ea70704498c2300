import type { Dsn } from '@faultline/protocol'
import { type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { type Outcome, outcomeOf } from './outcome.js'
import type { Parcel } from './parcel.js'
import type { Wire } from './wire.js'

const ANSWER_BYTES = 65_536

/** Posts parcels, one after another, over a connection that is kept. Proxies are taken from `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`. */
export class Sender {
  readonly #agent: Dispatcher
  readonly #dsn: Dsn
  readonly #timeoutMs: number
  #inFlight: AbortController | undefined

  /** @param timeoutMs for the whole of an answer */
  constructor(dsn: Dsn, timeoutMs: number) {
    this.#dsn = dsn
    this.#timeoutMs = timeoutMs
    this.#agent = new EnvHttpProxyAgent({
      connections: 1,
      keepAliveTimeout: 30_000,
      connect: { timeout: timeoutMs },
    })
  }

  /** What the server is called in a message. */
  get server(): string {
    return this.#dsn.baseUrl
  }

  /** Never rejects. */
  async send({ body }: Parcel, wire: Wire): Promise<Outcome> {
    const inFlight = new AbortController()
    const timer = setTimeout(() => inFlight.abort(new Error('it did not answer in time')), this.#timeoutMs)
    this.#inFlight = inFlight
    try {
      const answer = await this.#agent.request({
        method: 'POST',
        origin: new URL(this.#dsn.baseUrl).origin,
        path: new URL(this.#dsn.baseUrl).pathname.replace(/\/$/, '') + wire.pathOf(this.#dsn),
        headers: { ...wire.headersOf(this.#dsn), 'content-encoding': 'gzip' },
        body,
        signal: inFlight.signal,
      })
      const text = await beginningOf(answer.body)
      return outcomeOf({ status: answer.statusCode, headers: answer.headers, body: text }, wire, Date.now())
    } catch (error) {
      return { kind: 'again', why: reasonOf(error) }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Cuts off what is on its way. */
  stop(): void {
    this.#inFlight?.abort(new Error('the reporter was closed'))
    this.#agent.destroy().catch(() => undefined)
  }
}

async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > ANSWER_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, ANSWER_BYTES)
}

function reasonOf(error: unknown): string {
  const { code, message } = error as Error & { code?: string }
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`
}
