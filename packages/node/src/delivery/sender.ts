import type { Dsn } from '@faultline/protocol'
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { type Outcome, outcomeOf } from './outcome.js'
import type { Parcel } from './parcel.js'
import type { Wire } from './wire.js'

/** A hundred rejected events, each with a long reason, have room. */
const ANSWER_BYTES = 4_194_304

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
    this.#agent = agentOf(dsn, timeoutMs)
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
        headers: { ...wire.headersOf(this.#dsn), 'content-encoding': 'gzip', 'accept-encoding': 'identity' },
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

/**
 * Through a proxy, plain http goes as it does everywhere: many proxies open no tunnel for it. One that is no proxy at all is left out: a mistake in
 * the environment must not keep a service from starting.
 */
function agentOf({ baseUrl }: Dsn, timeoutMs: number): Dispatcher {
  const options = { connections: 1, keepAliveTimeout: 30_000, connect: { timeout: timeoutMs } }
  try {
    return new EnvHttpProxyAgent({ ...options, ...proxies(), proxyTunnel: baseUrl.startsWith('https:') })
  } catch {
    return new Agent(options)
  }
}

/** Where they lack a scheme, as curl allows. @see https://curl.se/docs/manpage.html#-x */
function proxies(env: NodeJS.ProcessEnv = process.env): { httpProxy?: string; httpsProxy?: string } {
  const withScheme = (proxy: string | undefined) =>
    proxy === undefined || proxy === '' || /^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`
  const httpProxy = withScheme(env.http_proxy ?? env.HTTP_PROXY)
  const httpsProxy = withScheme(env.https_proxy ?? env.HTTPS_PROXY)
  return { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }) }
}
