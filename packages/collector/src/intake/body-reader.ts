import type { IncomingMessage } from 'node:http'
import { intakeErrors } from './errors.js'

/** Of a body that is refused: read and forgotten, so that its sender gets to read why. A longer one is cut off. */
const MAX_DISCARDED_BYTES = 67_108_864
const BUSY_SECONDS = 1

/** The client went away in the middle: there is nobody to answer. */
export class ClientGone extends Error {
  override name = 'ClientGone'
}

/** Reads bodies, so many bytes of all of them at once. */
export class BodyReader {
  readonly #heldLimitBytes: number
  #heldBytes = 0

  /** @param heldLimitBytes of all bodies together that are being received or made durable */
  constructor(heldLimitBytes: number) {
    this.#heldLimitBytes = heldLimitBytes
  }

  /**
   * The body as it was sent; it counts as held until `release`. Content-Length is only believed when it is too large.
   * @returns `undefined` for one that is larger than the limit
   * @throws ClientGone, or `NoRoom`
   */
  read(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
    if (Number(request.headers['content-length']) > limitBytes) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      let bytes = 0
      const onData = (chunk: Buffer) => {
        bytes += chunk.length
        this.#heldBytes += chunk.length
        chunks.push(chunk)
        if (bytes > limitBytes) giveUp(() => resolve(undefined))
        else if (this.#heldBytes > this.#heldLimitBytes) giveUp(() => reject(noRoom()))
      }
      const onEnd = () => {
        stop()
        resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes))
      }
      const onClose = () => giveUp(() => reject(new ClientGone()))
      const giveUp = (settle: () => void) => {
        stop()
        this.#heldBytes -= bytes
        settle()
      }
      const stop = () => {
        request.off('data', onData).off('end', onEnd).off('close', onClose)
      }
      request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', ignore)
      if (request.destroyed) onClose()
    })
  }

  /** The body is durable, or refused. */
  release({ length }: Buffer): void {
    this.#heldBytes -= length
  }
}

/** Reads on what is left of a refused body: a connection that is closed on unread bytes is reset, and the answer with it (RFC 9112 §9.6). */
export function discardRest(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return
  let bytes = 0
  request.on('error', ignore)
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_DISCARDED_BYTES) request.socket.destroy()
  })
}

function noRoom(): Error {
  return new intakeErrors.NoRoom({
    detail: 'Too much is being received at once.',
    retryAfterSeconds: BUSY_SECONDS,
  })
}

/** `close` follows, and says it. */
function ignore(): void {}
