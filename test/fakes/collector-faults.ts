// What can go wrong at a collector. A fault is a function that does to one exchange what it likes.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Keeping } from './collector-inbox.ts'

export interface Answer {
  status: number
  headers?: Record<string, string>
  /** Text goes out as HTML, anything else as JSON. */
  body: unknown
}

export interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  /** The unpacked body. */
  read(): Promise<Buffer>
  /** Reads the body and keeps what is in it; gives the usual answer, unsent. */
  keep(how?: Keeping): Promise<Answer>
  /** Reads the body and forgets it. */
  drain(): Promise<void>
  send(answer: Answer): void
}

export type Fault = (exchange: Exchange) => unknown

const html = '<html><head><title>Welcome to nginx!</title></head><body>It works.</body></html>'

export const faults = {
  /** A status, and nothing is kept. `retryAfter`: seconds, or a date. */
  status(status: number, { retryAfter, headers, body }: StatusOptions = {}): Fault {
    return async ({ drain, send }) => {
      await drain()
      const wait = retryAfter instanceof Date ? retryAfter.toUTCString() : retryAfter?.toString()
      send({
        status,
        headers: { ...(wait !== undefined && { 'retry-after': wait }), ...headers },
        body: body ?? { title: `Fault ${status}` },
      })
    }
  },

  /** A bug that some batches meet: they get the status, the others are kept. */
  failOn(isPoison: (body: string) => boolean, status: number): Fault {
    return async ({ read, keep, send }) => {
      const body = (await read()).toString()
      send(isPoison(body) ? { status, body: { title: `Fault ${status}` } } : await keep())
    }
  },

  /** An ingress in front that knows no such service: 404 and a page. */
  noSuchService: (): Fault => faults.status(404, { body: html }),

  /** 200 and a page, with or without having kept the batch. */
  garbage({ keeps = false } = {}): Fault {
    return async ({ keep, drain, send }) => {
      await (keeps ? keep() : drain())
      send({ status: 200, body: html })
    }
  },

  /** 202, but the events at these places are rejected. */
  reject(...indexes: number[]): Fault {
    return async ({ keep, send }) => send(await keep({ reject: indexes }))
  },

  /** Keeps the batch at once, and answers as usual when the promise is settled. */
  slow(until: Promise<unknown>): Fault {
    return async ({ keep, send }) => {
      const answer = await keep()
      await until
      send(answer)
    }
  },

  /** Accepts and never answers; with or without having kept the batch. */
  silence({ keeps = false } = {}): Fault {
    return ({ keep, drain }) => (keeps ? keep() : drain())
  },

  /** Resets the connection before anything is read. */
  reset(): Fault {
    return ({ request }) => request.socket.resetAndDestroy()
  },

  /** Keeps the whole batch, and resets the connection instead of answering. */
  resetAfterKeeping(): Fault {
    return async ({ keep, request }) => {
      await keep()
      request.socket.resetAndDestroy()
    }
  },

  /** Dies after the first piece of the body. */
  dieMidBody(): Fault {
    return ({ request }) => request.once('data', () => request.socket.destroy())
  },
}

interface StatusOptions {
  retryAfter?: number | string | Date
  headers?: Record<string, string>
  body?: unknown
}

/** Thrown by whatever reads a request. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }

  answer(isSentry: boolean): Answer {
    const { status, message } = this
    if (isSentry) return { status, headers: { 'x-sentry-error': message }, body: { detail: message } }
    return { status, body: { title: message, status } }
  }
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
    'content-length': Buffer.byteLength(text),
    // What is left of a body that was too large is not waited for.
    ...(status === 413 && { connection: 'close' }),
    ...headers,
  })
  response.end(text)
}
