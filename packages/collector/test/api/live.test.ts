import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { loadConfig, startCollector } from '@faultline/collector'
import { captureError, createReporter } from '@faultline/node'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { createRequireRole } from '../../src/access/require-role.js'
import type { ChangedIssue } from '../../src/store/store.js'
import { NOW, prepared, stockedApi } from './stocked-api.js'

const QUICK = { gatherMs: 1 }

interface Heard {
  event: string
  id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any data
  data: any
}

/** Listens to `/live` by a socket of its own. */
async function listen(
  t: Test,
  { origin, token, query = '' }: { origin: string; token: string; query?: string },
) {
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
  const agent = new Agent({ keepAlive: true })
  const request = get(`${origin}/api/v1/live${query}`, { headers, agent })
  t.teardown(() => agent.destroy())
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const blocks: string[] = []
  const events: Heard[] = []
  let rest = ''
  const ended = new Promise((resolve) => response.once('end', resolve))
  response.on('error', () => undefined) // the end of the test
  response.setEncoding('utf8').on('data', (part: string) => {
    const found = (rest + part).split('\n\n')
    rest = found.pop() ?? ''
    blocks.push(...found)
    events.push(...found.filter(isEvent).map(readEvent))
  })
  /** Waits for what makes it true. */
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await once(response, 'data')
  }
  const heard = async (event: string, count = 1) => {
    const found = () => events.filter((one) => one.event === event)
    await until(() => found().length >= count)
    return found()
  }
  const heartbeats = async (count: number) => {
    const beats = () => blocks.filter((block) => block === ':').length
    const wanted = beats() + count
    await until(() => beats() >= wanted)
  }
  await heard('hello')
  return { response, blocks, events, heard, heartbeats, ended }
}

function isEvent(block: string): boolean {
  return /^event: /m.test(block)
}

function readEvent(block: string): Heard {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
  return { event: field('event') ?? '', id: field('id'), data: JSON.parse(field('data') ?? 'null') }
}

t.test('a new issue, more of it and an edit are told to whoever listens', async (t) => {
  const { origin, live, save, ask, tokenOf } = await stockedApi(t, QUICK)
  const { response, blocks, heard } = await listen(t, { origin, token: tokenOf('viewer') })
  t.match(response.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  t.strictSame(blocks, ['retry: 2000', 'event: hello\ndata: {"now":"2026-11-20T12:00:00.000Z"}'])

  const event = prepared({ issue: 'checkout' })
  const { changes } = save({ events: [event] })
  live.add(changes)
  t.match(await heard('issue'), [
    {
      id: '1',
      data: {
        id: '1',
        shortId: 'SHOP-1',
        project: 42,
        title: 'TypeError: checkout has failed',
        type: 'TypeError',
        status: 'unresolved',
        severity: 'high',
        isNew: true,
        isRegression: false,
        events: 1,
        lastEventId: event.event.id.replaceAll('-', ''),
        lastSeenAt: '2026-11-20T11:59:00.000Z',
      },
    },
  ])
  live.add(save({ events: [prepared({ issue: 'checkout' }), prepared({ issue: 'checkout' })] }).changes)
  t.match((await heard('issue', 2))[1], { data: { isNew: false, events: 2 } })
  t.equal((await ask('/issues/1', { method: 'PATCH', body: { status: 'resolved' } })).status, 200)
  const edited = (await heard('issue', 3))[2]
  t.match(edited, { data: { status: 'resolved', isNew: false, events: 0 } })
  t.ok(Number(edited?.id) > 1, 'ids count up')
})

t.test(
  'the store is asked once for many changes, one after the other, and not at all when nobody listens',
  async (t) => {
    const asked: (readonly number[])[] = []
    const answers: ((found: ChangedIssue[]) => void)[] = []
    const { origin, live, ask, tokenOf } = await stockedApi(t, {
      ...QUICK,
      readChanged(ids) {
        asked.push(ids)
        return new Promise((resolve) => answers.push(resolve))
      },
    })
    const change = { projectId: 42, isNew: false, isRegression: false, events: 1, lastEventId: '' }
    const untouchable = new Proxy([{ ...change, issueId: 7 }], {
      get() {
        throw new Error('nobody listens')
      },
    })
    live.add(untouchable)
    const { heard } = await listen(t, { origin, token: tokenOf('viewer') })
    live.add([{ ...change, issueId: 1, isNew: true }])
    live.add([{ ...change, issueId: 2 }])
    live.add([{ ...change, issueId: 1, isRegression: true, events: 3 }])
    await eventually(() => asked.length > 0)
    t.strictSame(asked, [[2, 1]], 'of before nothing, the latest last')
    live.add([{ ...change, issueId: 1 }])
    for (let requests = 0; requests < 20; requests++) await ask('/projects')
    t.equal(asked.length, 1, 'not before the answer')
    answers[0]?.([issue(1), issue(2)])
    const [one, two] = await heard('issue', 2)
    t.match(one?.data, { id: '1', isNew: true, isRegression: true, events: 4 })
    t.match(two?.data, { id: '2', isNew: false, events: 1 })
    await eventually(() => asked.length > 1)
    t.strictSame(asked[1], [1], 'what came meanwhile')
    answers[1]?.([])
  },
)

t.test('of more than 200 issues the latest are told, and how many there were besides', async (t) => {
  const { origin, live, tokenOf } = await stockedApi(t, {
    ...QUICK,
    readChanged: async (ids) => ids.map((id) => issue(id)),
  })
  const { heard } = await listen(t, { origin, token: tokenOf('viewer') })
  const other = await listen(t, { origin, token: tokenOf('viewer'), query: '?project=7' })
  const change = { isNew: true, isRegression: false, events: 1, lastEventId: '' }
  live.add(Array.from({ length: 203 }, (_, index) => ({ ...change, issueId: index + 1, projectId: 42 })))
  t.match(await heard('many'), [{ data: { issues: 3 } }])
  const told = (await heard('issue', 200)).map(({ data }) => Number(data.id))
  t.equal(told.length, 200)
  t.equal(Math.min(...told), 4)
  live.add([{ ...change, issueId: 9, projectId: 42 }])
  await heard('issue', 201)
  t.equal(other.events.length, 1, 'to whom they are not visible, they are not counted either')
})

t.test('where the store cannot be read, it is said that there was something', async (t) => {
  const { origin, live, tokenOf } = await stockedApi(t, {
    ...QUICK,
    readChanged: async () => {
      throw new Error('the query worker is away')
    },
  })
  const { heard } = await listen(t, { origin, token: tokenOf('viewer') })
  live.edited(1, 42)
  live.edited(2, 42)
  t.match(await heard('many'), [{ data: { issues: 2 } }])
})

t.test('only what is visible is told, and a change of that is known at the next heartbeat', async (t) => {
  const caller = { kind: 'user' as const, id: 1, name: 'ann', role: 'viewer' as const }
  const visible = { projectIds: [7] }
  const { origin, live, save, writer } = await stockedApi(t, {
    ...QUICK,
    heartbeatMs: 5,
    requireRole: () => async (request) => {
      const { authorization } = request.headers
      request.caller = authorization === 'Bearer all' ? caller : { ...caller, ...visible }
    },
  })
  writer.createProject({ name: 'Till', id: 7 }, NOW)
  const all = await listen(t, { origin, token: 'all' })
  const ofShop = await listen(t, { origin, token: 'all', query: '?project=42' })
  const some = await listen(t, { origin, token: 'some' })
  const happens = (issue: string, projectId: number) =>
    live.add(save({ projectId, events: [prepared({ issue })] }).changes)
  const projects = (heard: Heard[]) => heard.map(({ data }) => data.project)

  happens('one', 42)
  happens('two', 7)
  t.strictSame(projects(await all.heard('issue', 2)).sort(), [42, 7])
  t.strictSame(projects(await some.heard('issue')), [7])
  visible.projectIds = [42]
  await some.heartbeats(2) // the first may have begun before
  happens('one', 42)
  t.strictSame(projects(await some.heard('issue', 2)), [7, 42])
  t.strictSame(projects(await ofShop.heard('issue', 2)), [42, 42])
})

t.test('a token that is revoked ends the stream at the next heartbeat', async (t) => {
  const caller = { kind: 'token', id: 1, name: 'ci', role: 'viewer' } as const
  let isRevoked = false
  const { origin } = await stockedApi(t, {
    heartbeatMs: 5,
    requireRole: createRequireRole({
      ofToken: async () => (isRevoked ? undefined : caller),
      ofSession: async () => undefined,
    }),
  })
  const { response, heartbeats, ended } = await listen(t, { origin, token: 'flt_x' })
  await heartbeats(3)
  isRevoked = true
  await ended
  t.ok(response.complete, 'as a stream ends')
})

t.test('a listener that does not read is ended, and the others hear on', async (t) => {
  const { origin, live, tokenOf } = await stockedApi(t, {
    ...QUICK,
    readChanged: async (ids) => ids.map((id) => issue(id, 'x'.repeat(1_000_000))),
  })
  const token = tokenOf('viewer')
  const { port } = new URL(origin)
  const socket = connect(Number(port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write(`GET /api/v1/live HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`)
  await once(socket, 'readable') // and nothing is read
  const { heard } = await listen(t, { origin, token })
  let round = 0
  let isClosed = false
  socket.once('close', () => {
    isClosed = true
  })
  while (round < 50) {
    live.edited(++round, 42)
    await heard('issue', round)
  }
  socket.resume().on('error', () => undefined)
  await eventually(() => isClosed)
  t.ok(socket.bytesRead < 50_000_000, `${socket.bytesRead} of 50 MB`)
})

t.test('the end of the server ends the streams', async (t) => {
  const { origin, app, tokenOf } = await stockedApi(t)
  const token = tokenOf('viewer')
  const listeners = await Promise.all([1, 2, 3].map(() => listen(t, { origin, token })))
  await app.close()
  await Promise.all(listeners.map(({ ended }) => ended))
  for (const { response } of listeners) t.ok(response.complete, 'as a stream ends')
})

t.test('HEAD has only the headers, and who wants no events is told so', async (t) => {
  const { origin, tokenOf, ask } = await stockedApi(t)
  const token = tokenOf('viewer')
  const request = (init: RequestInit & { headers?: Record<string, string> }) =>
    fetch(`${origin}/api/v1/live`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    })
  const head = await request({ method: 'HEAD' })
  t.equal(head.status, 200)
  t.match(head.headers.get('content-type'), /^text\/event-stream/)
  const refused = await request({ headers: { accept: 'application/json' } })
  t.equal(refused.status, 406)
  t.match(await refused.json(), { title: 'Not Acceptable', detail: /text\/event-stream/ })
  t.equal((await ask('/live', { token })).status, 200, 'anything will do')
  t.equal((await ask('/live?proiect=1', { token })).status, 400)
  t.equal((await ask('/live', { token: 'flt_wrong' })).status, 401)
})

t.test('a whole collector tells what is sent to it, and ends in time with listeners', async (t) => {
  const folder = t.testdir()
  const config = { ...loadConfig({ env: {}, folder }), host: '127.0.0.1', port: 0, minFreeDiskBytes: 0 }
  const warnings: string[] = []
  const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) })
  const collector = await startCollector({ ...config, data: join(folder, 'data') }, { log })
  t.teardown(() => collector.close())
  const { dsn } = await collector.createProject({ name: 'Shop' })
  const token = await collector.createToken({ name: 'ann', role: 'viewer' })
  const { heard, ended } = await listen(t, { origin: collector.url, token })
  const reporter = createReporter({ dsn, service: 'shop' })
  captureError(new TypeError('No lamp'), { reporter })
  await reporter.close(5000)
  t.match(await heard('issue'), [{ data: { shortId: 'SHOP-1', isNew: true, title: 'TypeError: No lamp' } }])
  await Promise.all([collector.close(), ended])
  t.strictSame(warnings, [], 'nothing was cut off')
})

function issue(id: number, title = 'TypeError: no'): ChangedIssue {
  return {
    id,
    shortId: `SHOP-${id}`,
    projectId: 42,
    title,
    type: 'TypeError',
    message: 'no',
    culprit: '',
    status: 'unresolved',
    severity: 'high',
    level: 'error',
    count: 1,
    users: 0,
    firstSeenAt: NOW,
    lastSeenAt: NOW,
    assignee: null,
    service: 'orders',
    release: null,
    lastEventId: '0'.repeat(32),
  }
}

async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate)
}
