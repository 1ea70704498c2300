// Who may send, what becomes of what cannot be digested, and that no secret is ever kept.
import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openStoreWriter } from '@faultline/collector'
import t, { type Test } from 'tap'
import { createDigestBody, type DigestTools } from '../../packages/collector/src/digest/digest-body.js'
import { createDigester } from '../../packages/collector/src/digest/digester.js'
import { enrich } from '../../packages/collector/src/digest/enrich/enrich.js'
import { fingerprintOf } from '../../packages/collector/src/digest/fingerprint/fingerprint.js'
import { describe } from '../../packages/collector/src/digest/grade/describe.js'
import { createGrader } from '../../packages/collector/src/digest/grade/grade.js'
import { normaliseSecurityReport } from '../../packages/collector/src/digest/normalise/normalise-security-report.js'
import { normaliseSentry } from '../../packages/collector/src/digest/normalise/normalise-sentry.js'
import { tidyNative } from '../../packages/collector/src/digest/normalise/tidy-native.js'
import { createScrubber } from '../../packages/collector/src/digest/scrub/create-scrubber.js'
import { openQueue, openQueueReader } from '../../packages/collector/src/queue/sqlite/open-queue.js'
import { ask, balance } from './books.js'
import { KEY, prepareData, runFaultline, spawnCollector } from './collector-child.js'
import { eventually } from './eventually.js'
import { eventOf, startLoad } from './retrying-clients.js'

t.setTimeout(120_000)

const bearer = { authorization: `Bearer ${KEY}` }

t.test('what cannot be digested blocks nobody, is listed, and is stored after the fix', async (t) => {
  const data = t.testdir()
  const token = prepareData(data)
  const secret = newSecret()
  const poison = eventOf(randomUUID(), '', `poison: Bearer ${secret}`)
  const given = eventOf(randomUUID(), '', `poison, to be given up: Bearer ${secret}`)
  const healthy = Array.from({ length: 5 }, () => eventOf(randomUUID()))
  await digestWithBug(data, [[healthy[0], poison, healthy[1]], [given], healthy.slice(2)])

  const child = spawnCollector(t, { data })
  const url = await child.ready
  t.strictSame((await balance(t, url, token)).outcomes, { stored: 5, failed: 2 })
  for (const { id } of healthy) t.equal((await ask(url, token, `/events/${id}`)).status, 200)

  const { body } = await ask(url, token, '/dlq')
  t.match(body.items, [
    { stage: 'enrich', reason: 'TypeError: a bug of ours' },
    { count: 1, index: 1 },
  ])
  const [givenUp, waiting] = body.items
  t.match(await ask(url, token, `/dlq/${waiting.id}`), { status: 200, body: waiting })
  t.ok(filesWith(data, secret).length > 0, 'its body waits in the queue as it came')

  const access = ['--url', url, '--token', token]
  t.match((await runFaultline(['dlq', 'list', ...access])).out, /enrich +TypeError: a bug of ours\n.*enrich/)
  t.match(await runFaultline(['dlq', 'replay', waiting.id, ...access]), {
    code: 0,
    out: `Replayed ${waiting.id}: 1 stored\n`,
  })
  t.match((await ask(url, token, `/events/${poison.id}`)).body, {
    exceptions: [{ message: 'poison: Bearer [Filtered]' }],
  })
  t.strictSame((await balance(t, url, token)).outcomes, { stored: 6, failed: 1 })
  t.equal((await ask(url, token, `/dlq/${waiting.id}/replay`, 'POST')).status, 404, 'it is none any more')

  t.equal((await ask(url, token, `/dlq/${givenUp.id}`, 'DELETE')).status, 204)
  t.strictSame((await ask(url, token, '/dlq')).body.items, [])
  t.strictSame((await balance(t, url, token)).outcomes, { stored: 6, failed: 1 }, 'given up, it has failed')
  await nothingLeft(t, data, [secret])
  t.equal((await child.kill('SIGTERM')).code, 0)
})

t.test('nobody sends without a key, and not for long with one that is revoked', async (t) => {
  const data = t.testdir()
  const token = prepareData(data)
  const child = spawnCollector(t, { data })
  const url = await child.ready
  const store = openStoreWriter(join(data, 'store.db'))
  t.teardown(() => store.close())
  const other = store.createProject({ name: 'Other' }, Date.now())
  const leaked = store.createKey(1, undefined, Date.now()).publicKey

  t.equal((await send(url, {})).status, 401)
  t.equal((await send(url, { authorization: 'Bearer abc' })).status, 401)
  t.equal((await send(url, { authorization: `Bearer ${'0'.repeat(32)}` })).status, 401)
  await eventually(
    'the new key',
    async () => (await send(url, { authorization: `Bearer ${leaked}` })).ok || undefined,
  )
  const foreign = { authorization: `Bearer ${other.keys[0]?.publicKey}` }
  t.equal((await send(url, foreign)).status, 403, 'the key of another project')

  store.revokeKey(leaked, Date.now())
  const revokedAt = performance.now()
  await eventually(
    'a refusal',
    async () => (await send(url, { authorization: `Bearer ${leaked}` })).status === 401 || undefined,
  )
  const tookMs = performance.now() - revokedAt
  t.ok(tookMs < 5500, `it took ${Math.round(tookMs)} ms`)
  t.equal((await send(url, bearer)).status, 202, 'the other key of the project still works')
  const { received, outcomes } = await balance(t, url, token)
  t.strictSame(outcomes, { stored: received }, 'who has no key is in nobody’s books')
})

t.test(
  'a project that sends too much is told to wait, others are not, and client reports always pass',
  async (t) => {
    const data = t.testdir()
    const token = prepareData(data)
    const child = spawnCollector(t, { data, env: { FAULTLINE_RATE_LIMIT: '5' } })
    const url = await child.ready
    const store = openStoreWriter(join(data, 'store.db'))
    const [calm] = store.createProject({ name: 'Calm' }, Date.now()).keys
    store.close()

    const taken = await send(url, bearer, 5)
    t.equal(taken.status, 202)
    const refused = await send(url, bearer)
    t.equal(refused.status, 429)
    t.match(refused.headers.get('retry-after'), /^\d+$/)
    const bySentry = await sendEnvelope(url, 'event', { message: 'too much' })
    t.equal(bySentry.status, 429)
    t.match(bySentry.headers.get('retry-after'), /^\d+$/)
    t.match(bySentry.headers.get('x-sentry-rate-limits'), /^\d+:error;default:project:rate_limited$/)
    const report = { discarded_events: [{ reason: 'ratelimit_backoff', category: 'error', quantity: 7 }] }
    t.equal((await sendEnvelope(url, 'client_report', report)).status, 200)
    await eventually('room for the other project', async () => {
      const response = await fetch(`${url}/api/${calm?.projectId}/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${calm?.publicKey}` },
        body: JSON.stringify({ id: randomUUID(), events: [eventOf(randomUUID())] }),
      })
      return response.status === 202 || undefined
    })

    const { body } = await eventually('the refusals in the books', async () => {
      const answer = await ask(url, token, '/stats/outcomes?project=1')
      return answer.body.received === 7 ? answer : undefined
    })
    t.strictSame((await balance(t, url, token)).outcomes, { stored: 5, rate_limited: 2 })
    t.match(body.dropped, [{ reason: /ratelimit_backoff/, count: 7 }])
  },
)

t.test('no secret reaches a file or the log, whoever sends it and wherever it stands', async (t) => {
  const data = t.testdir()
  const token = prepareData(data)
  const child = spawnCollector(t, {
    data,
    env: { FAULTLINE_LOG_LEVEL: 'trace', FAULTLINE_RATE_LIMIT: 'off' },
  })
  const url = await child.ready
  const load = startLoad(t, url)
  const secrets: string[] = []
  const plant = () => {
    const secret = newSecret()
    secrets.push(secret)
    return secret
  }
  const ids = [randomUUID(), randomUUID()] as const
  const native = { ...eventOf(ids[0]), ...nativeSecrets(plant) }
  t.equal(
    (await post(url, '/api/1/events', JSON.stringify({ id: randomUUID(), events: [native] }))).status,
    202,
  )
  t.equal((await post(url, '/api/1/envelope/', envelopeOf(ids[1], plant))).status, 200)
  // refused, so that what is said of it in the log is seen as well
  await post(url, '/api/1/events', JSON.stringify({ id: randomUUID(), events: [{ password: plant() }] }))
  await post(url, '/api/1/events', `{"password":"${plant()}"`)
  await post(url, `/api/1/store/?token=${plant()}`, `{"password":"${plant()}"`)
  await fetch(`${url}/api/v1/issues?query=${encodeURIComponent('"')}`, {
    headers: { authorization: `Bearer flt_${plant()}`, cookie: `session=${plant()}` },
  })
  await eventually('load', () => load.acknowledged.length > 300 || undefined)
  await load.finish()
  await balance(t, url, token)

  for (const id of ids) {
    const { status, body } = await ask(url, token, `/events/${id}`)
    t.equal(status, 200)
    t.ok(body.scrubbed.length > 5, `${body.scrubbed.length} places are said to be filtered`)
    const shown = JSON.stringify(body)
    t.strictSame(
      secrets.filter((secret) => shown.includes(secret)),
      [],
      'nothing in the API',
    )
    t.match(shown, /lamp shop/, 'and what is no secret is there')
  }
  await nothingLeft(t, data, secrets)
  t.equal((await child.kill('SIGTERM')).code, 0)
  await nothingLeft(t, data, secrets)
  t.strictSame(
    secrets.filter((secret) => child.printed().includes(secret)),
    [],
    'nothing in the log',
  )
})

type Plant = () => string

function nativeSecrets(plant: Plant): object {
  return {
    message: `lamp shop: Bearer ${plant()}`,
    exceptions: [
      {
        type: 'Error',
        message: `connect postgres://shop:${plant()}@db/lamps failed`,
        code: 'E_DB',
        frames: [
          {
            function: 'open',
            file: 'src/db.js',
            line: 3,
            inApp: true,
            context: { before: [`const password = '${plant()}'`], line: 'open(password)', after: [] },
            vars: { api_key: plant() },
          },
        ],
        meta: { config: { headers: { authorization: `Basic ${plant()}` } } },
      },
    ],
    request: {
      method: 'POST',
      url: `/lamps?token=${plant()}`,
      query: `page=2&access_token=${plant()}`,
      headers: {
        authorization: `Bearer ${plant()}`,
        cookie: `session=${plant()}; theme=dark`,
        'x-api-key': plant(),
      },
      body: { name: 'lamp', password: plant(), nested: [{ client_secret: plant() }] },
    },
    user: { id: '7', password: plant() },
    tags: { apiKey: plant(), note: `Bearer ${plant()}` },
    extra: { card: { cvc: 'lamp', secret: plant() }, log: `GET https://x:${plant()}@shop/` },
    breadcrumbs: [
      {
        at: '2026-03-01T12:00:00Z',
        category: 'http',
        message: `Authorization: Bearer ${plant()}`,
        data: { 'set-cookie': `sid=${plant()}`, url: `https://shop/?api_key=${plant()}` },
      },
    ],
    unknownMember: { privateKey: plant() },
  }
}

function envelopeOf(id: string, plant: Plant): string {
  const event = {
    event_id: id.replaceAll('-', ''),
    platform: 'python',
    logentry: { message: 'lamp shop: %s', params: [`Bearer ${plant()}`] },
    exception: {
      values: [
        {
          type: 'DbError',
          value: `mysql://root:${plant()}@db/lamps`,
          stacktrace: {
            frames: [
              {
                function: 'open',
                filename: 'db.py',
                in_app: true,
                lineno: 3,
                context_line: `    token = '${plant()}'`,
                vars: { password: plant(), kwargs: { secret_key: plant() }, text: `'Bearer ${plant()}'` },
              },
            ],
          },
        },
      ],
    },
    request: {
      url: `https://shop/lamps?token=${plant()}`,
      query_string: [['api_key', plant()]],
      cookies: { sessionid: plant() },
      headers: [
        ['Authorization', `Bearer ${plant()}`],
        ['X-Api-Key', plant()],
      ],
      data: { password: plant() },
      env: { DB_PASSWORD: plant() },
    },
    user: { id: '7', data: { access_token: plant() } },
    tags: [['auth_token', plant()]],
    extra: { credentials: { user: 'lamp', key: plant() }, 'sys.argv': ['--password', `Bearer ${plant()}`] },
    contexts: { app: { client_secret: plant() } },
    breadcrumbs: { values: [{ category: 'http', message: `Bearer ${plant()}`, data: { token: plant() } }] },
  }
  const attachment = `lamp shop\nAuthorization: Bearer ${plant()}\n`
  const feedback = {
    event_id: event.event_id,
    name: 'Kim',
    email: 'kim@shop.example',
    comments: `I typed Bearer ${plant()}`,
  }
  return [
    JSON.stringify({ event_id: event.event_id }),
    '{"type":"event"}',
    JSON.stringify(event),
    JSON.stringify({ type: 'attachment', length: attachment.length, filename: `Bearer ${plant()}` }),
    attachment,
    '{"type":"user_report"}',
    JSON.stringify(feedback),
    '',
  ].join('\n')
}

function newSecret(): string {
  return `s3c${randomBytes(12).toString('hex')}`
}

/** Digests bodies of these events as a collector does that has a bug, and is killed before it has trimmed its queue. */
async function digestWithBug(data: string, bodies: unknown[][]): Promise<void> {
  const queueFile = join(data, 'queue.db')
  const queue = openQueue(queueFile, { limitBytes: 1e9 })
  for (const events of bodies) {
    await queue.append({
      projectId: 1,
      format: 'batch',
      encoding: 'identity',
      eventCount: events.length,
      receivedAt: Date.now(),
      meta: {},
      bytes: Buffer.from(JSON.stringify({ id: randomUUID(), events })),
    })
  }
  const reader = openQueueReader(queueFile)
  const store = openStoreWriter(join(data, 'store.db'))
  const digester = createDigester({
    queue: reader,
    store,
    digestBody: createDigestBody(toolsWithBug()),
    onSaved: ignore,
    log: { info: ignore, warn: ignore, error: ignore },
    sleep: async () => undefined,
  })
  await digester.drain()
  await digester.close()
  store.close()
  reader.close()
  await queue.close()
}

function toolsWithBug(): DigestTools {
  const scrubber = createScrubber({ keys: [], paths: [], except: [], emails: 'keep', ips: 'keep' })
  return {
    normaliseSentry,
    normaliseSecurityReport,
    tidyNative,
    enrich(event, context) {
      if (event.exceptions[0]?.message.startsWith('poison')) throw new TypeError('a bug of ours')
      return enrich(event, context)
    },
    scrub: scrubber.event,
    scrubText: scrubber.text,
    fingerprintOf,
    describe,
    grade: createGrader([]),
    limitBytes: 1e7,
  }
}

function ignore(): void {}

/** Once all is digested, the queue forgets it within a moment. */
async function nothingLeft(t: Test, data: string, secrets: readonly string[]): Promise<void> {
  const left = () =>
    secrets.flatMap((secret) =>
      filesWith(data, secret).map((file) => `${file} has secret ${secrets.indexOf(secret)}`),
    )
  await eventually(
    () => `a data folder without secrets: ${left()}`,
    () => left().length === 0 || undefined,
    10_000,
  )
  t.pass(`none of ${secrets.length} secrets is in ${readdirSync(data)}`)
}

function filesWith(data: string, secret: string): string[] {
  return readdirSync(data).filter((file) => readFileSync(join(data, file)).includes(secret))
}

function post(url: string, path: string, body: string): Promise<Response> {
  return fetch(url + path, { method: 'POST', headers: bearer, body })
}

function send(url: string, headers: Record<string, string>, count = 1): Promise<Response> {
  const events = Array.from({ length: count }, () => eventOf(randomUUID()))
  const body = JSON.stringify({ id: randomUUID(), events })
  return fetch(`${url}/api/1/events`, { method: 'POST', headers, body })
}

function sendEnvelope(url: string, type: string, item: object): Promise<Response> {
  return post(url, '/api/1/envelope/', `{}\n{"type":"${type}"}\n${JSON.stringify(item)}\n`)
}
