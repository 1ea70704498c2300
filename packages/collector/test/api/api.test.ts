import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import t from 'tap'
import { guardRoutes, ROUTE_ROLES, roleOf } from '../../src/api/route-roles.js'
import { KEY, NOW, prepared, stockedApi } from './stocked-api.js'

const HOUR_MS = 3_600_000
const RANKED = ['viewer', 'member', 'admin'] as const

t.test('every route needs a token, and the role of its table', async (t) => {
  const { ask, tokenOf, app } = await stockedApi(t)
  const tokens = RANKED.map(tokenOf)
  for (const route of Object.keys(ROUTE_ROLES)) {
    const [method = '', path = ''] = route.split(' ')
    const role = roleOf({ method, url: path })
    t.ok(
      method === 'GET' || role !== 'viewer' || path.startsWith('/session'),
      `${route}: a viewer changes nothing`,
    )
    const address = path.replaceAll(/:\w+/g, '7')
    t.ok(app.hasRoute({ method: method as 'GET', url: `/api/v1${path}` }), `${route} is a route`)
    if (role === 'anyone') continue
    t.equal((await ask(address, { method, token: 'flt_wrong' })).status, 401, `${route} without a token`)
    for (const [rank, token] of tokens.entries()) {
      const { status } = await ask(address, { method, token })
      const isAllowed = rank >= RANKED.indexOf(role)
      t.equal(status === 403, !isAllowed, `${route} as ${RANKED[rank]}: ${status}`)
    }
  }
})

t.test('a route that the table forgets cannot be added', async (t) => {
  const register = async (add: (app: FastifyInstance) => void) => {
    const app = Fastify()
    await app.register(
      async (api) => {
        guardRoutes(api, () => async () => undefined)
        add(api)
      },
      { prefix: '/api/v1' },
    )
  }
  const handler: RouteOptions['handler'] = async () => 'open to all'
  await t.rejects(
    register((app) => app.get('/secrets', handler)),
    /Say in ROUTE_ROLES who may use GET \/secrets/,
  )
  await t.resolves(register((app) => app.get('/projects', handler)))
})

t.test('projects have their keys and DSNs, below the public address', async (t) => {
  const { ask, writer } = await stockedApi(t)
  writer.revokeKey(KEY, NOW)
  const { body } = await ask('/projects')
  const createdAt = '2026-11-20T12:00:00.000Z'
  const dsn = `https://${KEY}@errors.shop.example/faultline/42`
  t.same(
    body.items.filter(({ id }: { id: number }) => id === 42),
    [
      {
        id: 42,
        name: 'Shop',
        slug: 'shop',
        createdAt,
        keys: [{ publicKey: KEY, dsn, createdAt, revokedAt: createdAt }],
      },
    ],
  )
  t.equal(body.nextCursor, null)
  for (const name of ['Two', 'Three']) writer.createProject({ name }, NOW)
  const first = (await ask('/projects?limit=1')).body
  const rest = (await ask(`/projects?cursor=${first.nextCursor}`)).body
  t.same([first.items.length, rest.items.length, rest.nextCursor], [1, 2, null])
})

t.test('issues are listed, filtered and paged', async (t) => {
  const { ask, save, writer } = await stockedApi(t)
  save({ events: [prepared({ issue: 'checkout' }), prepared({ issue: 'checkout' })] })
  save({ events: [prepared({ issue: 'refund', severity: 'low', service: 'billing', release: '2.0.0' })] })
  save({ events: [prepared({ issue: 'login', environment: 'staging' })] })
  const found = async (query: string) => {
    const { status, body } = await ask(`/issues?${query}`)
    t.equal(status, 200, query)
    return body.items.map(({ culprit }: { culprit: string }) => culprit.split(' ')[0]).sort()
  }
  const login = (await ask('/issues?query=login')).body.items[0]
  writer.updateIssue(Number(login.id), { status: 'resolved' }, NOW)

  t.test('an issue says what the contract says', async (t) => {
    const { body } = await ask('/issues?query=checkout')
    t.match(body.items, [
      {
        id: /^\d+$/,
        shortId: /^SHOP-\d+$/,
        project: 42,
        title: 'TypeError: checkout has failed',
        type: 'TypeError',
        message: 'checkout has failed',
        culprit: 'checkout (src/a.ts)',
        status: 'unresolved',
        severity: 'high',
        level: 'error',
        count: 2,
        users: 0,
        firstSeenAt: /^2026-11-20T1.*Z$/,
        lastSeenAt: /^2026-11-20T1.*Z$/,
        assignee: null,
        service: 'orders',
        release: '1.4.2',
      },
    ])
  })
  t.test('only unresolved ones, unless a status is asked for', async (t) => {
    t.same(await found(''), ['checkout', 'refund'])
    t.same(await found('status=resolved'), ['login'])
    t.same(await found('status=all'), ['checkout', 'login', 'refund'])
    t.same(await found('query=is:resolved'), ['login'])
  })
  t.test('by each filter', async (t) => {
    t.same(await found('severity=low'), ['refund'])
    t.same(await found('service=billing'), ['refund'])
    t.same(await found('release=2.0.0'), ['refund'])
    t.same(await found('status=all&environment=staging'), ['login'])
    t.same(await found('project=42'), ['checkout', 'refund'])
    t.same(await found('project=7'), [])
    t.same(await found('query=service:billing'), ['refund'])
    t.same(await found('since=-24h'), ['checkout', 'refund'])
    t.same(await found('until=2026-11-19T12:00:00%2B01:00'), [])
    t.same(await found('since=2026-11-20&sort=events'), ['checkout', 'refund'])
    t.same(await found('since=2026-11-20T00:00'), ['checkout', 'refund'], 'UTC without an offset')
    t.same(await found('query=last:>2026-11-20T00:00'), ['checkout', 'refund'])
  })
  t.test('page by page', async (t) => {
    const first = (await ask('/issues?status=all&limit=2&sort=events')).body
    t.equal(first.items.length, 2)
    t.equal(first.items[0].count, 2)
    const cursor = encodeURIComponent(first.nextCursor)
    const last = (await ask(`/issues?status=all&limit=2&sort=events&cursor=${cursor}`)).body
    t.equal(last.items.length, 1)
    t.equal(last.nextCursor, null)
    const ids = [...first.items, ...last.items].map(({ id }: { id: string }) => id)
    t.equal(new Set(ids).size, 3)
  })
  t.test('one by itself has more', async (t) => {
    const { id } = (await ask('/issues?query=checkout')).body.items[0]
    const { body } = await ask(`/issues/${id}`)
    t.match(body, {
      id,
      shortId: /^SHOP/,
      fingerprint: { version: 1, values: ['checkout'] },
      firstRelease: '1.4.2',
      lastRelease: '1.4.2',
      lastEventId: String,
    })
    t.same(body.tags.environment, [{ value: 'production', count: 2 }])
    t.equal(
      body.trend.reduce((sum: number, { count }: { count: number }) => sum + count, 0),
      2,
    )
    t.match(body.trend[0].at, /^2026-11-.*Z$/)
    const events = (await ask(`/issues/${id}/events?limit=1`)).body
    t.equal(events.items.length, 1)
    t.equal(events.items[0].issueId, id)
    t.type(events.nextCursor, 'string')
  })
  t.test('an issue that is not there', async (t) => {
    for (const path of ['/issues/999', '/issues/abc', '/issues/999/events', '/issues/1e3'])
      t.match(await ask(path), { status: 404, body: { type: 'urn:faultline:errors:issue-not-found' } }, path)
  })
})

t.test('what is asked wrongly is refused with its name', async (t) => {
  const { ask } = await stockedApi(t)
  const refusals: [path: string, type: string, says: RegExp][] = [
    ['/issues?query=sevreity:high', 'search-mistaken', /sevreity.*severity/s],
    ['/search?q=first:yesterday', 'search-mistaken', /first/],
    ['/issues?cursor=nonsense', 'query-mistaken', /cursor/],
    ['/issues?since=yesterday', 'query-mistaken', /since is a time/],
    ['/issues?until=2026-13-45', 'query-mistaken', /until is a time/],
    ['/stats/series?step=fast', 'query-mistaken', /step is a number of seconds/],
    ['/stats/series?step=0', 'query-mistaken', /step/],
    ['/stats/series?since=-52w', 'query-mistaken', /1500 are the most/],
  ]
  for (const [path, type, says] of refusals) {
    const { status, body } = await ask(path)
    t.match(
      { status, body },
      { status: 400, body: { type: `urn:faultline:errors:${type}`, detail: says } },
      path,
    )
  }
  for (const path of [
    '/issues?staus=all',
    '/issues?limit=201',
    '/issues?limit=0',
    '/issues?sort=random',
    '/issues?status=open',
    '/issues?project=shop',
    '/projects?q=1',
    '/search',
    '/stats/series?by=colour',
  ]) {
    const { status, body } = await ask(path)
    t.equal(status, 400, path)
    t.equal(body.errors.length > 0, true, JSON.stringify(body))
  }
})

t.test('an event is found by its id in any spelling, and by the instance of its problem', async (t) => {
  const { ask, save } = await stockedApi(t)
  const instance = 'https://shop.example/problems/7?try=2'
  const happening = prepared({ issue: 'checkout', problem: { type: 'about:blank', instance } })
  const { id } = happening.event
  const hex = id.replaceAll('-', '')
  save({
    events: [happening],
    attachments: [{ eventId: hex, name: 'a.txt', contentType: 'text/plain', bytes: Buffer.from('12345') }],
    feedback: [
      {
        eventId: hex,
        name: 'Ann',
        email: 'ann@example.com',
        comments: 'It broke',
        at: '2026-11-20T11:00:00Z',
      },
    ],
  })
  for (const spelling of [id, hex, id.toUpperCase(), `urn:uuid:${id}`, encodeURIComponent(instance)]) {
    const { status, body } = await ask(`/events/${spelling}`)
    t.equal(status, 200, spelling)
    t.match(body, {
      ...happening.event,
      issueId: /^\d+$/,
      receivedAt: '2026-11-20T12:00:00.000Z',
      scrubbed: ['request.headers.cookie'],
      attachments: [{ name: 'a.txt', contentType: 'text/plain', sizeBytes: 5 }],
      feedback: [{ name: 'Ann', comments: 'It broke' }],
    })
  }
  t.test('one that is not stored says what that can mean', async (t) => {
    const { status, body } = await ask('/events/0199a000-0000-7000-8000-ffffffffffff')
    t.equal(status, 404)
    t.match(body.detail, /below 500 is not reported.*sample.*storm.*counted.*log of the service/s)
    t.equal((await ask('/events/nothing%20of%20the%20kind')).status, 404)
  })
})

t.test('a search finds issues and events', async (t) => {
  const { ask, save } = await stockedApi(t)
  const happening = prepared({
    issue: 'checkout',
    tags: { region: 'eu' },
    trace: { traceId: 'c'.repeat(32) },
  })
  save({ events: [happening, prepared({ issue: 'refund' })] })
  const { body } = await ask('/search?q=checkout')
  t.match(body, {
    issues: [{ shortId: /^SHOP/, culprit: /^checkout/ }],
    events: [{ id: happening.event.id }],
  })
  t.equal(body.issues.length, 1)
  t.test('what a customer quotes is that very event', async (t) => {
    for (const quoted of [happening.event.id, `urn:uuid:${happening.event.id}`, ` ${happening.event.id} `]) {
      const found = (await ask(`/search?q=${encodeURIComponent(quoted)}`)).body
      t.match(found, {
        issues: [{ id: body.issues[0].id }],
        events: [{ id: happening.event.id }],
        nextCursor: null,
      })
    }
  })
  t.test('an id of another project is not shown', async (t) => {
    t.equal((await ask(`/search?project=42&q=${happening.event.id}`)).body.events.length, 1)
    t.match((await ask(`/search?project=7&q=${happening.event.id}`)).body, { issues: [], events: [] })
  })
  t.test('an address may hold quotation marks', async (t) => {
    for (const quoted of ['http://x/"a', 'http://x/\\', 'http://x/\\"'])
      t.match(await ask(`/search?q=${encodeURIComponent(quoted)}`), { status: 200, body: { events: [] } })
  })
  t.test('what only events can be asked for is asked of them', async (t) => {
    const { status, body } = await ask('/search?q=has:trace')
    t.match({ status, body }, { status: 200, body: { issues: [], events: [{ id: happening.event.id }] } })
    t.match(await ask('/issues?query=has:trace'), { status: 400, body: { detail: /events/ } })
  })
  t.test('an id that is not stored finds nothing, and is no mistake', async (t) => {
    for (const quoted of ['urn:uuid:0199a000-0000-7000-8000-ffffffffffff', 'https://shop.example/problems/8'])
      t.match(await ask(`/search?q=${encodeURIComponent(quoted)}`), {
        status: 200,
        body: { issues: [], events: [] },
      })
  })
  t.test('the next page has only events', async (t) => {
    save({ events: Array.from({ length: 3 }, () => prepared({ issue: 'checkout' })) })
    const first = (await ask('/search?q=checkout&limit=2')).body
    t.equal(first.events.length, 2)
    const next = (await ask(`/search?q=checkout&limit=2&cursor=${encodeURIComponent(first.nextCursor)}`)).body
    t.equal(next.issues.length, 0)
    t.equal(next.events.length, 2)
  })
})

t.test('series count by hour, by step and by what is asked', async (t) => {
  const { ask, save } = await stockedApi(t)
  save({ events: [prepared({ issue: 'checkout' }), prepared({ issue: 'refund', severity: 'low' })] })
  const { body } = await ask('/stats/series?project=42')
  t.equal(body.step, 3600)
  t.equal(body.points.length >= 24, true)
  t.equal(sumOf(body.points), 2)
  t.equal(
    body.points.every((point: object) => !('counts' in point)),
    true,
  )
  const bySeverity = (await ask('/stats/series?by=severity&step=1d&since=-7d')).body
  t.equal(bySeverity.step, 86_400)
  const last = bySeverity.points.find(({ count }: { count: number }) => count > 0)
  t.match(last, { at: /T00:00:00.000Z$/, count: 2, counts: { high: 1, low: 1 } })
  const { id } = (await ask('/issues?query=checkout')).body.items[0]
  const ofIssue = (await ask(`/stats/series?issue=${id}&step=1m&since=-1h`)).body
  t.equal(ofIssue.step, 60)
  t.equal(sumOf(ofIssue.points), 1)
  t.equal(sumOf((await ask('/stats/series?issue=none')).body.points), 0)
})

t.test('received = Σ outcomes + pending', async (t) => {
  const { ask, save, queue } = await stockedApi(t)
  queue.received = new Map([
    [42, 10],
    [7, 5],
  ])
  save({
    events: [prepared({ issue: 'checkout' }), prepared({ issue: 'checkout' })],
    outcomes: [{ projectId: 42, outcome: 'filtered', reason: 'session', protocol: 'sentry', count: 4 }],
    dropped: [{ reason: 'memory', count: 3 }],
  })
  save({
    projectId: 7,
    outcomes: [{ projectId: 7, outcome: 'invalid', reason: 'json', protocol: 'faultline', count: 1 }],
  })
  const all = (await ask('/stats/outcomes')).body
  t.equal(all.received, 15)
  t.equal(all.pending, 8)
  t.equal(sumOf(all.outcomes) + all.pending, all.received)
  t.same(all.dropped, [{ reason: 'memory', count: 3 }])

  const shop = (await ask('/stats/outcomes?project=42')).body
  t.match(shop, { received: 10, pending: 4 })
  t.same(
    shop.outcomes
      .map(({ outcome, reason, protocol, count }: Record<string, unknown>) =>
        [outcome, reason, protocol, count].join(' '),
      )
      .sort(),
    ['filtered session sentry 4', 'stored  faultline 2'],
  )
  const later = new Date(NOW + HOUR_MS).toISOString()
  const window = (await ask(`/stats/outcomes?project=42&since=${later}`)).body
  t.match(window, { received: 10, pending: 4, outcomes: [] }, 'a period does not change what is pending')
})

t.test('dead letters are listed, shown, replayed and deleted', async (t) => {
  const { ask, save, writes } = await stockedApi(t)
  const receivedAt = NOW - HOUR_MS
  save({ receivedAt, dead: [{ index: 0, stage: 'scrub', reason: 'TypeError: no', count: 1 }] })
  save({ receivedAt, dead: [{ index: -1, stage: 'unpack', reason: 'Error: no gzip', count: 3 }] })
  const { items } = (await ask('/dlq?project=42')).body
  t.equal(items.length, 2)
  const { id } = items.find(({ stage }: { stage: string }) => stage === 'scrub')
  t.same((await ask(`/dlq/${id}`)).body, {
    id,
    project: 42,
    protocol: 'faultline',
    receivedAt: '2026-11-20T11:00:00.000Z',
    position: 1,
    index: 0,
    stage: 'scrub',
    reason: 'TypeError: no',
    count: 1,
  })
  const outcomes = [
    { projectId: 42, outcome: 'stored', reason: '', protocol: 'faultline', count: 1 },
  ] as const
  const replays = [
    [
      { kind: 'replayed', result: { outcomes: [...outcomes] } },
      200,
      { outcomes: [{ project: 42, outcome: 'stored', count: 1 }] },
    ],
    [{ kind: 'failed', reason: 'TypeError: still no' }, 422, { reason: 'TypeError: still no' }],
    [{ kind: 'gone' }, 410, { type: 'urn:faultline:errors:dead-letter-body-gone' }],
    [{ kind: 'not_found' }, 404, { type: 'urn:faultline:errors:dead-letter-not-found' }],
  ] as const
  for (const [replay, status, body] of replays) {
    const asked: number[] = []
    writes.replayDeadLetter = async (id) => {
      asked.push(id)
      return structuredClone(replay) as Awaited<ReturnType<typeof writes.replayDeadLetter>>
    }
    t.match(await ask(`/dlq/${id}/replay`, { method: 'POST' }), { status, body }, replay.kind)
    t.same(asked, [Number(id)])
  }
  t.equal((await ask(`/dlq/${id}`, { method: 'DELETE' })).status, 204)
  t.equal((await ask(`/dlq/${id}`, { method: 'DELETE' })).status, 404)
  t.equal((await ask(`/dlq/${id}`)).status, 404)
  t.equal((await ask('/dlq/x')).status, 404)
})

function sumOf(counts: readonly { count: number }[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0)
}

t.test('PATCH of an issue decides about it, and says what does not fit together', async (t) => {
  const { ask, save, tokenOf } = await stockedApi(t)
  save({ events: [prepared({ issue: 'checkout' })] })
  const { body: page } = await ask('/issues')
  const path = `/issues/${page.items[0].id}`
  const patch = (body: object, token?: string) => ask(path, { method: 'PATCH', body, token })

  const resolved = await patch({
    status: 'resolved',
    resolution: { inRelease: '2.0.0' },
    assignee: 'ada@shop.example',
  })
  t.match(resolved, {
    status: 200,
    body: { status: 'resolved', resolution: { inRelease: '2.0.0' }, assignee: 'ada@shop.example' },
  })
  const until = new Date(NOW + 60_000).toISOString()
  t.match(await patch({ status: 'muted', mutedUntil: until, severity: 'low' }), {
    body: {
      status: 'muted',
      mutedUntil: until,
      severity: 'low',
      resolution: null,
      assignee: 'ada@shop.example',
    },
  })
  t.match((await ask('/issues?query=assigned:ada@shop.example%20is:muted')).body.items, [
    { shortId: 'SHOP-1' },
  ])
  t.match((await patch({ status: 'unresolved', assignee: null })).body, { mutedUntil: null, assignee: null })
  t.match((await ask('/issues?query=is:unassigned')).body.items, [{ shortId: 'SHOP-1' }])

  const refused = async (json: object, said: RegExp) => {
    const { status, body } = await patch(json)
    t.equal(status, 400, JSON.stringify(json))
    t.match(JSON.stringify(body), said)
  }
  await refused({}, /at least one of status, resolution, mutedUntil, severity, assignee/)
  await refused({ status: 'done' }, /status.*one of unresolved, resolved, muted/)
  await refused({ colour: 'red' }, /colour.*not known: there are status/)
  await refused({ status: 'resolved', resolution: { inRelease: '2', by: 'me' } }, /resolution\/by.*inRelease/)
  await refused({ resolution: { inRelease: '2' } }, /status resolved/)
  await refused({ mutedUntil: until }, /status muted/)
  await refused({ status: 'muted', mutedUntil: new Date(NOW).toISOString() }, /future/)
  await refused({ status: 'muted', mutedUntil: 'tomorrow' }, /mutedUntil/)
  t.equal((await patch({ status: 'resolved' }, tokenOf('viewer'))).status, 403)
  t.equal((await ask('/issues/99', { method: 'PATCH', body: { status: 'resolved' } })).status, 404)
})

t.test('an erasure names a user by id or e-mail address, and says what is left to look at', async (t) => {
  const { ask, save, erasures } = await stockedApi(t)
  save({ dead: [{ index: 0, stage: 'scrub', reason: 'boom', count: 3 }] })
  const erase = (body: object) => ask('/erasures', { method: 'POST', body })
  const { status, body } = await erase({ userId: 'u-1', project: 42 })
  t.equal(status, 200)
  t.same(body, { events: 2, attachments: 1, feedback: 0, issues: 1, deadLetters: 3 })
  await erase({ email: 'jo@shop.example' })
  t.same(erasures, [{ userId: 'u-1', projectIds: [42] }, { email: 'jo@shop.example' }])
  for (const wrong of [
    {},
    { project: 42 },
    { userId: '' },
    { userId: 'u-1', user: 'u-2' },
    { email: 7.5, userid: 1 },
  ]) {
    t.equal((await erase(wrong)).status, 400, JSON.stringify(wrong))
  }
  t.equal(erasures.length, 2, 'nothing is deleted by mistake')
})
