import { connect, type Socket } from 'node:net'
import type { RawRequest } from './hostile-requests.ts'

/** Longer than anything here may take. */
const ANSWER_MS = 20_000
/** How long the collector may have a request that is not all there. */
const HALF_MS = 20

/** A status, or how it ended without one. */
export type Ending = `${number}` | 'cut off by us' | 'cut off by the collector' | 'no answer'

export interface Answered {
  ending: Ending
  head: string
  body: string
}

/** A client that can send what no client library lets through. */
export class RawSocket {
  readonly #port: number
  #socket: Socket | undefined

  constructor(port: number) {
    this.#port = port
  }

  async send({ bytes, isWhole, isHonest }: RawRequest): Promise<Answered> {
    this.#socket ??= this.#connect()
    const socket = this.#socket
    const answer = await exchange(socket, bytes, isWhole)
    const isUsable = isHonest && isWhole && !/^connection: close/im.test(answer.head) && socket.writable
    if (!isUsable) this.close()
    return answer
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    socket.setEncoding('latin1')
    socket.on('error', () => undefined) // `close` comes too
    return socket
  }
}

async function exchange(socket: Socket, bytes: Buffer, isWhole: boolean): Promise<Answered> {
  const listening = new AbortController()
  const { signal } = listening
  let text = ''
  const answered = new Promise<Ending>((resolve) => {
    const isHead = bytes.subarray(0, 5).toString('latin1') === 'HEAD '
    const onData = (chunk: string) => {
      text += chunk
      if (isComplete(text, isHead)) resolve(statusOf(text))
    }
    const onClose = () => resolve(text === '' ? 'cut off by the collector' : statusOf(text))
    socket.on('data', onData)
    socket.on('close', onClose)
    signal.addEventListener('abort', () => socket.off('data', onData).off('close', onClose))
  })
  socket.write(bytes)
  const ending = await Promise.race([answered, later(isWhole ? ANSWER_MS : HALF_MS, signal, isWhole)])
  listening.abort()
  const headEnd = text.indexOf('\r\n\r\n')
  return { ending, head: text.slice(0, headEnd), body: text.slice(headEnd + 4) }
}

async function later(ms: number, signal: AbortSignal, isWhole: boolean): Promise<Ending> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
  return isWhole ? 'no answer' : 'cut off by us'
}

function isComplete(text: string, isHead: boolean): boolean {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return false
  const head = text.slice(0, headEnd)
  const rest = text.slice(headEnd + 4)
  if (/^HTTP\/1\.1 1\d\d/.test(head)) return isComplete(rest, isHead)
  if (isHead || /^HTTP\/1\.1 (?:204|304)/.test(head)) return true
  if (/^transfer-encoding: chunked$/im.test(head)) return rest.endsWith('0\r\n\r\n')
  const length = /^content-length: (\d+)$/im.exec(head)?.[1]
  return length !== undefined && rest.length >= Number(length)
}

function statusOf(text: string): Ending {
  const statuses = [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => status)
  return (statuses.find((status) => !status?.startsWith('1')) ?? 'cut off by the collector') as Ending
}
