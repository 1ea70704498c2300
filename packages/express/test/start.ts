import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { errorMiddleware, requestContext } from '@faultline/express'
import type { Express } from 'express'
import express5 from 'express'
import express4 from 'express4'
import { pino } from 'pino'
import { type Options as PinoHttpOptions, pinoHttp } from 'pino-http'
import t, { type Test } from 'tap'

export type ExpressModule = typeof express5

const frameworks: Record<string, ExpressModule> = { 'Express 5': express5, 'Express 4': express4 }

export interface LogLine {
  level: number
  msg: string
  err?: { type: string; message: string }
  [field: string]: unknown
}

/** One test for each Express. */
export function onBoth(title: string, run: (t: Test, express: ExpressModule) => Promise<void>): void {
  for (const [name, express] of Object.entries(frameworks)) {
    t.test(`${name}: ${title}`, (t) => run(t, express))
  }
}

/** pino-http, and the lines that it and we have written. */
export function loggedBy(options: PinoHttpOptions = {}) {
  const lines: LogLine[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(chunk))
      done()
    },
  })
  return { lines, middleware: pinoHttp({ ...options, logger: pino({ level: 'debug' }, stream) }) }
}

/** Records of ours: those of pino-http have no event. */
export function ours(lines: readonly LogLine[]): LogLine[] {
  return lines.filter((line) => line.eventId !== undefined)
}

/** Listens on a free port until the test is over. */
export async function listen(t: Test, app: Express) {
  const server = http.createServer({ connectionsCheckingInterval: 20, headersTimeout: 100 }, app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    ask: (path: string, init?: RequestInit) => ask(`http://127.0.0.1:${port}${path}`, init),
  }
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the service says
  body: any
}

/** An application with pino-http before the routes and our middlewares as they are. */
export async function serve(t: Test, express: ExpressModule, addRoutes: (app: Express) => void) {
  const { lines, middleware } = loggedBy()
  const app = express()
  app.use(middleware, requestContext)
  addRoutes(app)
  app.use(errorMiddleware)
  return { ...(await listen(t, app)), lines }
}

async function ask(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text ? JSON.parse(text) : undefined,
  }
}
