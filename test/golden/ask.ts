import type { Agent, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'

/** How to ask; `GET` without anything by default, and on a connection of its own. */
export interface Ask {
  method?: string
  headers?: OutgoingHttpHeaders
  body?: string | Buffer
  agent?: Agent
}

/** A whole answer, as it came over the socket. */
export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  bytes: Buffer
  text: string
  /** The body, if it is a JSON object. */
  body: Record<string, unknown>
}

/** Asks over HTTP/1.1, sending no header that is not named (but Host). */
export function ask(url: string, path: string, how: Ask = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, agent } = how
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const request = http.request(`${url}/`, {
      path,
      method,
      headers: { ...length, ...headers },
      agent: agent ?? false,
    })
    request.on('error', reject)
    request.on('response', (response) => read(response).then(resolve, reject))
    request.end(body)
  })
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return answer(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))
}

function answer(status: number, headers: Answer['headers'], bytes: Buffer): Answer {
  const text = bytes.toString('utf8')
  return { status, headers, bytes, text, body: parseObject(text) }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text)
    return value !== null && typeof value === 'object' ? value : {}
  } catch {
    return {}
  }
}

/** Asks over HTTP/2 without TLS, on a session of its own. */
export async function askOverHttp2(url: string, path: string, how: Ask = {}): Promise<Answer> {
  const session = http2.connect(url)
  try {
    return await askInSession(session, path, how)
  } finally {
    session.close()
  }
}

/** Asks in an open HTTP/2 session. Rejects with the stream's error, `rstCode` on it, when the stream is reset. */
export function askInSession(
  session: http2.ClientHttp2Session,
  path: string,
  how: Ask = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = how
  return new Promise((resolve, reject) => {
    session.on('error', reject)
    const stream = session.request({ ':method': method, ':path': path, ...headers })
    const chunks: Buffer[] = []
    let received: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {}
    stream.on('response', (responseHeaders) => {
      received = responseHeaders
    })
    stream.on('data', (chunk) => chunks.push(chunk))
    let error: Error | undefined
    stream.on('error', (streamError) => {
      error = streamError
    })
    stream.on('close', () => {
      if (error) reject(Object.assign(error, { rstCode: stream.rstCode }))
      else resolve(answer(received[':status'] ?? 0, received as Answer['headers'], Buffer.concat(chunks)))
    })
    stream.end(body)
  })
}

/** Writes `text` to a bare socket and gives all that comes back until the server closes it. */
export function askRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.on('error', (error) => (received === '' ? reject(error) : resolve(received)))
    socket.on('close', () => resolve(received))
  })
}

/** Reads a raw answer as one; throws when it is none. */
export function parseRaw(text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]
  if (status === undefined) throw new Error(`no HTTP answer: ${JSON.stringify(text.slice(0, 200))}`)
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  return answer(Number(status), headers, Buffer.from(rest.join('\r\n\r\n')))
}
