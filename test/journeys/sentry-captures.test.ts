// What real clients of Sentry have sent, byte for byte: to whom it is sent now, what becomes of it, and what must not be kept.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { type ReadEvent, runCollector } from './running-collector.js'

interface Capture {
  name: string
  method: string
  url: string
  /** In the order of the wire. */
  headers: [name: string, value: string][]
  body: Buffer
}

/** Invented, like everything in the captures. */
const SECRETS = ['hunter2', 'abc123', '4111 1111 1111 1111', '4111111111111111']
const KEY = '0123456789abcdef0123456789abcdef'
const EMAIL = 'jane@example.com'
const shelf = new URL('../../../test/golden/captures/', import.meta.url)
const clients = ['sentry-node', 'sentry-python', 'sentry-browser']

t.setTimeout(60_000)

const collector = await runCollector(t, { project: { id: 42, publicKey: KEY } })

t.test('every request of a real client is answered as that client expects', async (t) => {
  for (const capture of clients.flatMap(capturesOf)) {
    const { status, headers, body } = await replay(capture)
    t.equal(status, 200, `${capture.name} ${body}`)
    t.match(headers, /^access-control-allow-origin: \*$/im, capture.name)
    const event = expectedEvent(capture.name)
    const { id } = JSON.parse(body || '{}') as { id?: string }
    if (event) t.equal(id, event.id.replaceAll('-', ''), `${capture.name} hears the id of its event`)
  }
})

t.test('events become issues, sessions are filtered, and nothing is unaccounted for', async (t) => {
  t.strictSame(await collector.outcomes(), {
    'sentry stored': 8,
    'sentry filtered session': 4,
  })
  const { received, pending } = await collector.readBooks()
  t.equal(received.get(42), 12)
  t.equal(pending.events, 0)

  const issues = await collector.issues()
  t.strictSame(issues.map(({ title }) => title).sort(), [
    'Error: checkout failed for order 12345',
    "TypeError: Cannot read properties of undefined (reading 'length')",
    "TypeError: Cannot read properties of undefined (reading 'length')",
    'UnhandledRejection: Non-Error promise rejection captured with value: plain string rejection 42',
    'ValueError: checkout failed for order 12345',
    'disk almost full: 93%',
    'payment gateway timeout after 3021 ms for [Filtered]',
  ])
  const full = issues.find(({ title }) => title.startsWith('disk'))
  t.match(full, { count: 2, level: 'warning' }, 'the same message of two clients is one issue')
})

t.test('no secret is kept: not in the API', async (t) => {
  const paths = ['/api/v1/issues?status=all', '/api/v1/search?q=checkout', '/api/v1/search?q=gateway']
  for (const { id } of await collector.issues())
    paths.push(`/api/v1/issues/${id}`, `/api/v1/issues/${id}/events`)
  for (const { id } of expectedEvents()) paths.push(`/api/v1/events/${id}`)
  t.equal(paths.length, 3 + 2 * 7 + 8)
  for (const path of paths) {
    const said = JSON.stringify(await collector.ask(path), withoutKept)
    t.strictSame(found([...SECRETS, KEY, EMAIL], said), [], path)
  }
  for (const secret of ['hunter2', 'abc123', '4111']) {
    const answer = await collector.ask<object>(`/api/v1/search?q=${secret}`)
    t.match(answer, { issues: [], events: [] }, `and nothing is found by ${secret}`)
  }
})

t.test('no secret is kept: not in the databases', async (t) => {
  const files = readdirSync(collector.data)
  t.ok(files.includes('queue.db') && files.includes('store.db'), files.join(', '))
  // what is digested is trimmed a moment later
  while (files.some((file) => found(SECRETS, databaseFile(file)).length > 0)) await setImmediate()
  await collector.close()
  for (const file of readdirSync(collector.data))
    t.strictSame(found(SECRETS, databaseFile(file)), [], `${file} behind its end`)
})

function databaseFile(name: string): Buffer {
  const path = join(collector.data, name)
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
}

function found(secrets: readonly string[], where: string | Buffer): string[] {
  return secrets.filter((secret) => where.includes(secret))
}

/** A person's address stays where it says who was affected. */
function withoutKept(name: string, value: unknown): unknown {
  return name === 'user' || name === 'ip' ? undefined : value
}

function capturesOf(client: string): Capture[] {
  const folder = new URL(`${client}/`, shelf)
  const names = readdirSync(folder).flatMap((file) => /^(.*)\.meta\.json$/.exec(file)?.[1] ?? [])
  return names.sort().map((name) => ({
    ...JSON.parse(readFileSync(new URL(`${name}.meta.json`, folder), 'utf8')),
    name: `${client}/${name}`,
    body: readFileSync(new URL(`${name}.body.bin`, folder)),
  }))
}

function expectedEvents(): ReadEvent[] {
  return clients.flatMap(capturesOf).flatMap(({ name }) => expectedEvent(name) ?? [])
}

/** What normalising makes of it, if it is an event. */
function expectedEvent(name: string): ReadEvent | undefined {
  try {
    return JSON.parse(readFileSync(new URL(`${name}.event.json`, shelf), 'utf8'))
  } catch {
    return undefined
  }
}

/** Over a socket, so that nothing is added and nothing comes in another order. */
async function replay({ method, url, headers, body }: Capture) {
  const isChunked = headers.some(([name]) => name.toLowerCase() === 'transfer-encoding')
  const head = [`${method} ${url} HTTP/1.1`, ...headers.map((header) => header.join(': '))].join('\r\n')
  const payload = isChunked
    ? Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
    : body
  const socket = connect(collector.port, '127.0.0.1')
  socket.write(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), payload]))
  const answer = await new Promise<string>((resolve, reject) => {
    let text = ''
    socket
      .setEncoding('utf8')
      .on('error', reject)
      .on('end', () => resolve(text))
    socket.on('data', (some: string) => {
      text += some
      const [, length] = /^content-length: (\d+)\r$/im.exec(text) ?? []
      const end = text.indexOf('\r\n\r\n')
      if (end !== -1 && text.length >= end + 4 + Number(length ?? 0)) resolve(text)
    })
  })
  socket.destroy()
  const [start = '', text = ''] = answer.split('\r\n\r\n', 2)
  return { status: Number(start.split(' ')[1]), headers: start.replaceAll('\r', ''), body: text }
}
