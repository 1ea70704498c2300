import { join } from 'node:path'
import { errorPlugin } from '@faultline/fastify'
import type { ErrorEvent } from '@faultline/protocol'
import Fastify from 'fastify'
import type { Test } from 'tap'
import { createCallers } from '../../src/access/callers.js'
import { createLoginThrottle } from '../../src/access/login-throttle.js'
import { createPasswords } from '../../src/access/passwords.js'
import { createRequireRole } from '../../src/access/require-role.js'
import { createSignIn } from '../../src/access/sign-in.js'
import { hashToken, newHashedToken, newToken } from '../../src/access/tokens.js'
import { type ApiOptions, apiPlugin, type Replay } from '../../src/api/api-plugin.js'
import { createLiveHub, type LiveHubOptions } from '../../src/api/live-hub.js'
import { ALL_MISTAKES } from '../../src/api/validation.js'
import { welcomePlugin } from '../../src/api/welcome.js'
import { openStoreWriter } from '../../src/store/sqlite/open-store.js'
import { openStoreReader } from '../../src/store/sqlite/read/open-store-reader.js'
import type { DigestedBody, ErasedUser, PreparedEvent, Remote, Role } from '../../src/store/store.js'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const KEY = 'a'.repeat(32)

const PUBLIC_URL = 'https://errors.shop.example/faultline/'

interface Options extends Partial<Omit<ApiOptions, 'publicUrl'> & LiveHubOptions> {
  publicUrl?: string
}

/** An API on a real store and a real socket, and what its queue says. */
export async function stockedApi(t: Test, { publicUrl = PUBLIC_URL, ...options }: Options = {}) {
  const time = { now: NOW }
  const file = join(t.testdir(), 'store.db')
  const writer = openStoreWriter(file)
  const project = writer.createProject({ name: 'Shop', id: 42, publicKey: KEY }, NOW)
  const reader = openStoreReader(file)
  const queue = { received: new Map<number, number>() }
  const erasures: ErasedUser[] = []
  const { createUser, updateUser } = remoteOf(writer.users)
  const writes: ApiOptions['writes'] = Object.assign(remoteOf(writer), {
    createUser,
    updateUser,
    replayDeadLetter: async (): Promise<Replay> => ({ kind: 'not_found' }),
    eraseUser: async (user: ErasedUser) => {
      erasures.push(user)
      return { events: 2, attachments: 1, feedback: 0, issues: 1 }
    },
    deleteDeadLetter: async (id: number) => writer.deleteDeadLetter(id).found,
  })
  const reads = remoteOf(reader)
  const clock = () => time.now
  const callers = createCallers({
    findToken: reads.findToken,
    findSession: (hash) => reads.findSession(hash, time.now),
    now: clock,
  })
  const signIn = createSignIn({
    reads,
    writes: remoteOf(writer.users),
    passwords: createPasswords(),
    throttle: createLoginThrottle(),
    callers,
    publicUrl: () => publicUrl,
    now: clock,
    clock,
  })
  const live = createLiveHub({ readChanged: reads.changedIssues, ...options })
  const app = Fastify(ALL_MISTAKES)
  await app.register(errorPlugin, { logger: false })
  await app.register(apiPlugin, {
    prefix: '/api/v1',
    reads,
    writes,
    readBooks: async () => ({ received: queue.received, outcomes: reader.outcomes({}) }),
    newToken: newHashedToken,
    keysChanged: () => undefined,
    tokensChanged: callers.forget,
    requireRole: createRequireRole(callers),
    signIn,
    publicUrl: () => publicUrl,
    now: clock,
    live,
    ...options,
  })
  await app.register(welcomePlugin, { signIn, publicUrl: () => publicUrl })
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
  const ask = async (path: string, { method = 'GET', token = admin, body }: Asked = {}) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const response = await fetch(`${origin}/api/v1${path}`, { method, headers, body: JSON.stringify(body) })
    if (isStream(response)) await response.body?.cancel() // it has no end
    const text = isStream(response) ? '' : await response.text()
    // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as any }
  }
  return { app, ask, save, writer, queue, writes, project, tokenOf, origin, live, file, time, erasures }
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false
}

interface Asked {
  method?: string
  token?: string
  body?: object
}

/** A half of the store, as if it were in another thread: errors come back without their class. */
function remoteOf<Half extends object>(half: Half): Remote<Half> {
  const call = async (name: keyof Half, parameters: unknown[]) => {
    try {
      const method = half[name] as (...parameters: unknown[]) => unknown
      return structuredClone(method.apply(half, structuredClone(parameters)))
    } catch (error) {
      const { name, message } = error as Error
      throw Object.assign(new Error(message), { name })
    }
  }
  return new Proxy({} as Remote<Half>, {
    get: (own, name) =>
      Reflect.get(own, name) ?? ((...parameters: unknown[]) => call(name as keyof Half, parameters)),
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
