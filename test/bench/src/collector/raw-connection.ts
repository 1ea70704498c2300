// An HTTP client of a few lines: what the load costs is taken from what the collector has, for they share the cores.
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  status: number
  body: string
}

/** One keep-alive connection, one request at a time; answers must have a Content-Length. */
export class RawConnection {
  readonly #socket: Socket
  #received = ''
  #settle: { resolve(answer: RawAnswer): void; reject(cause: Error): void } | undefined

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#read(text))
    this.#socket.on('error', (cause) => this.#settle?.reject(cause))
    this.#socket.on('close', () => this.#settle?.reject(new Error('The collector closed the connection.')))
  }

  request(head: string, body: Uint8Array): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#socket.cork()
      this.#socket.write(`${head}content-length: ${body.length}\r\n\r\n`, 'latin1')
      this.#socket.write(body)
      this.#socket.uncork()
    })
  }

  close(): void {
    this.#settle = undefined
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#received += text
    const headEnd = this.#received.indexOf('\r\n\r\n')
    if (headEnd === -1) return
    const length = Number(/content-length: (\d+)/i.exec(this.#received.slice(0, headEnd + 2))?.[1])
    const end = headEnd + 4 + length
    if (this.#received.length < end) return
    const answer = {
      status: Number(this.#received.slice(9, 12)),
      body: this.#received.slice(headEnd + 4, end),
    }
    this.#received = this.#received.slice(end)
    this.#settle?.resolve(answer)
  }
}
