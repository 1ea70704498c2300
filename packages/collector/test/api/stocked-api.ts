import { join } from 'node:path'
import { errorPlugin } from '@faultline/fastify'
import type { ErrorEvent } from '@faultline/protocol'
import Fastify from 'fastify'
import type { Test } from 'tap'
import { createRequireRole } from '../../src/access/require-role.js'
import { hashToken, newToken } from '../../src/access/tokens.js'
import { type ApiOptions, apiPlugin } from '../../src/api/api-plugin.js'
import { openStoreWriter } from '../../src/store/sqlite/open-store.js'
import { openStoreReader } from '../../src/store/sqlite/read/open-store-reader.js'
import type {
  DigestedBody,
  ErasedUser,
  PreparedEvent,
  Remote,
  Role,
  StoreReader,
} from '../../src/store/store.js'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const KEY = 'a'.repeat(32)

/** An API on a real store and a real socket, and what its queue says. */
export async function stockedApi(t: Test) {
  const file = join(t.testdir(), 'store.db')
  const writer = openStoreWriter(file)
  const project = writer.createProject({ name: 'Shop', id: 42, publicKey: KEY }, NOW)
  const reader = openStoreReader(file)
  const queue = { received: new Map<number, number>() }
  const erasures: ErasedUser[] = []
  const writes: ApiOptions['writes'] = {
    replayDeadLetter: async () => ({ kind: 'not_found' }),
    eraseUser: async (user) => {
      erasures.push(user)
      return { events: 2, attachments: 1, feedback: 0, issues: 1 }
    },
    deleteDeadLetter: async (id) => writer.deleteDeadLetter(id).found,
  }
  const reads = remoteOf(reader)
  const app = Fastify()
  await app.register(errorPlugin, { logger: false })
  await app.register(apiPlugin, {
    prefix: '/api/v1',
    reads,
    writes,
    readBooks: async () => ({ received: queue.received, outcomes: reader.outcomes({}) }),
    requireRole: createRequireRole({ findToken: reads.findToken, now: () => NOW }),
    publicUrl: () => 'https://errors.shop.example/faultline/',
    now: () => NOW,
  })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    await app.close()
    reader.close()
    writer.close()
  })

  const tokenOf = (role: Role) => {
    const token = newToken()
    writer.createToken({ name: role, role, hash: hashToken(token) }, NOW)
    return token
  }
  const admin = tokenOf('admin')
  let position = 0
  const save = (body: Partial<DigestedBody>) => {
    const lists = { events: [], repeats: [], requests: [], dropped: [], outcomes: [], dead: [] }
    const extras = { attachments: [], feedback: [] }
    const head = { projectId: 42, protocol: 'faultline', receivedAt: NOW, position: ++position } as const
    return writer.save([{ ...lists, ...extras, ...head, ...body }])
  }
  /** Asks, by default as an administrator. */
  const ask = async (
    path: string,
    { method = 'GET', token = admin, body }: { method?: string; token?: string; body?: object } = {},
  ) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${origin}/api/v1${path}`, init)
    const text = await response.text()
    // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as any }
  }
  return { app, ask, save, writer, queue, writes, project, tokenOf, erasures }
}

/** The reader, as if it were in another thread: errors come back without their class. */
function remoteOf(reader: StoreReader): Remote<StoreReader> {
  const call = async (name: keyof StoreReader, parameters: unknown[]) => {
    try {
      const method = reader[name] as (...parameters: unknown[]) => unknown
      return structuredClone(method.apply(reader, structuredClone(parameters)))
    } catch (error) {
      const { name, message } = error as Error
      throw Object.assign(new Error(message), { name })
    }
  }
  return new Proxy({} as Remote<StoreReader>, {
    get:
      (_, name) =>
      (...parameters: unknown[]) =>
        call(name as keyof StoreReader, parameters),
  })
}

interface Happening extends Partial<ErrorEvent> {
  /** One word: which issue it belongs to. */
  issue: string
  severity?: PreparedEvent['severity']
}

let lastEvent = 0

/** An event that is ready to be stored. */
export function prepared({ issue, severity = 'high', ...parts }: Happening): PreparedEvent {
  const id = `0199a000-0000-7000-8000-${String(++lastEvent).padStart(12, '0')}`
  const message = `${issue} has failed`
  const event: ErrorEvent = {
    id,
    occurredAt: new Date(NOW - 60_000).toISOString(),
    level: 'error',
    handled: false,
    mechanism: 'http',
    platform: 'node',
    service: 'orders',
    environment: 'production',
    release: '1.4.2',
    exceptions: [
      { type: 'TypeError', message, frames: [{ function: issue, file: 'src/a.ts', inApp: true }] },
    ],
    sdk: { name: '@faultline/node', version: '0.1.0' },
    ...parts,
  }
  const hash = Buffer.from(issue.padEnd(16).slice(0, 16)).toString('hex')
  return {
    event,
    protocol: 'faultline',
    scrubbed: ['request.headers.cookie'],
    fingerprint: { version: 1, hash, values: [issue] },
    severity,
    title: `TypeError: ${message}`,
    type: 'TypeError',
    message,
    culprit: `${issue} (src/a.ts)`,
  }
}
