import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { recordingReporter } from '@faultline/core/testing'
import { errorPlugin, serverErrors } from '@faultline/fastify'
import Fastify from 'fastify'
import type { Test } from 'tap'
import type { IntakeOptions, RefusedRequest } from '../../src/intake/intake.js'
import { intakePlugin } from '../../src/intake/intake-plugin.js'
import { rewriteIntakeUrl } from '../../src/intake/rewrite-intake-url.js'
import type { NewBody, Queue } from '../../src/queue/queue.js'

export const key = '0123456789abcdef0123456789abcdef'
/** Of project 7. */
export const otherKey = 'ffffffffffffffffffffffffffffffff'
export const newId = '018f0000-0000-7000-8000-000000000001'
export const newSentryId = newId.replaceAll('-', '')

/** A queue that keeps what it gets, until it is told to refuse. */
export class FakeQueue implements Queue {
  readonly bodies: NewBody[] = []
  /** Thrown by the next appends. */
  failure: unknown

  async append(body: NewBody): Promise<number> {
    if (this.failure !== undefined) throw this.failure
    this.bodies.push(body)
    return this.bodies.length
  }

  length() {
    return { bodies: this.bodies.length, events: 0, bytes: 0 }
  }
  received() {
    return new Map<number, number>()
  }
  trim(): void {}
  release(): void {}
  async close(): Promise<void> {}
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered
  json: any
}

/** Intake behind a real socket; `now` stands still unless a test moves it. */
export async function startIntake(t: Test, overrides: Partial<IntakeOptions> = {}) {
  const queue = new FakeQueue()
  const refused: RefusedRequest[] = []
  const reporter = recordingReporter()
  const clock = { now: Date.UTC(2026, 10, 23) }
  const app = Fastify({
    ...serverErrors({ logger: false }),
    rewriteUrl: ({ url }) => rewriteIntakeUrl(url ?? ''),
  })
  await app.register(errorPlugin, { logger: false, reporter })
  await app.register(intakePlugin, {
    queue,
    findKey: (publicKey) => ({ [key]: { projectId: 42 }, [otherKey]: { projectId: 7 } })[publicKey],
    pressure: () => undefined,
    rateLimit: 'off',
    bodyLimitBytes: 1_048_576,
    newId: () => newId,
    now: () => clock.now,
    clock: () => clock.now,
    onRefused: (one) => refused.push(one),
    ...overrides,
  })
  app.get('/api/v1/issues', async () => 'the API')
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const { port } = app.server.address() as AddressInfo
  const send = (path: string, body: string | Buffer | Buffer[], options: RequestOptions = {}) =>
    sendTo(port, path, body, options)
  return { app, queue, refused, reporter, clock, port, send }
}

/** Posts a body; a list of pieces goes chunked, without a length. */
export function sendTo(
  port: number,
  path: string,
  body: string | Buffer | Buffer[],
  { headers, method = 'POST' }: RequestOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = Array.isArray(body) ? {} : { 'content-length': Buffer.byteLength(body) }
    const request = httpRequest({ port, host: '127.0.0.1', path, method, headers: { ...length, ...headers } })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const isJson = text !== '' && /json/.test(response.headers['content-type'] ?? '')
        const json = isJson ? JSON.parse(text) : undefined
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
      })
    })
    for (const piece of [body].flat()) request.write(piece)
    request.end()
  })
}
