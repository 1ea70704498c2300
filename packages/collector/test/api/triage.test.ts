import t from 'tap'
import { NOW, prepared, stockedApi } from './stocked-api.js'

t.test(
  'all mistakes of a request are said at once, each with its name and with what would be right',
  async (t) => {
    const { ask } = await stockedApi(t)
    const query = await ask('/issues?staus=all&limit=0&sort=random&project=shop')
    t.equal(query.status, 400)
    const said = query.body.errors.map((error: object) => JSON.stringify(error)).sort()
    t.match(said, [
      /limit/,
      /project/,
      /sort.*lastSeen, firstSeen, events, users/,
      /staus.*not known.*status/,
    ])
    t.match(
      (await ask('/issues?since=yesterday&until=tomorrow')).body.detail,
      /since is a time.*until is a time/,
    )
  },
)

t.test('a step that is not possible is refused with those that are', async (t) => {
  const { ask } = await stockedApi(t)
  t.match((await ask('/stats/series?step=7m')).body, { status: 400, detail: /1h, 6h, 1d, 1w.*issue.*1m/ })
  t.match((await ask('/stats/series?step=7m&by=requests')).body, { status: 400, detail: /1m.*1h, 6h/ })
})

t.test('a change that is longer than changes are is not read', async (t) => {
  const { ask } = await stockedApi(t)
  const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`member${index}`, 1]))
  t.equal((await ask('/issues/1', { method: 'PATCH', body })).status, 413)
})

t.test('what has not changed is not sent again', async (t) => {
  const { origin, save, tokenOf } = await stockedApi(t)
  const authorization = `Bearer ${tokenOf('viewer')}`
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const answer = await fetch(`${origin}/api/v1${path}`, { method, headers: { authorization, ...headers } })
    return { status: answer.status, text: await answer.text(), headers: answer.headers }
  }
  const happening = prepared({ issue: 'checkout' })
  save({ events: [happening] })
  const event = `/events/${happening.event.id}`
  for (const path of ['/issues', '/issues/1', '/issues/1/events', event, '/projects', '/stats/top-issues']) {
    const first = await ask(path)
    const etag = first.headers.get('etag') ?? ''
    t.match(etag, /^W\/"[\w-]{43}"$/, path)
    t.equal(first.headers.get('cache-control'), 'private, no-cache')
    for (const known of [etag, `"other", ${etag}`, etag.slice(2), '*']) {
      const again = await ask(path, { 'if-none-match': known })
      t.same([again.status, again.text, again.headers.get('etag')], [304, '', etag], known)
    }
    t.equal((await ask(path, { 'if-none-match': 'W/"other"' })).status, 200)
    t.equal((await ask(path, {}, 'HEAD')).headers.get('etag'), etag)
  }
  const before = (await ask('/issues')).headers.get('etag') ?? ''
  save({ events: [prepared({ issue: 'checkout' })] })
  t.match(await ask('/issues', { 'if-none-match': before }), { status: 200, text: /"count":2/ })
  t.equal((await ask('/issues/99', { 'if-none-match': '*' })).status, 404)
  t.equal((await ask('/issues', { 'if-none-match': '*', authorization: 'Bearer flt_x' })).status, 401)
  t.equal((await ask('/openapi.json')).headers.get('etag'), null)
})

t.test('the issues with the most events of a period come first', async (t) => {
  const { ask, save } = await stockedApi(t)
  const at = (minutesAgo: number) => ({ occurredAt: new Date(NOW - minutesAgo * 60_000).toISOString() })
  const times = (count: number, issue: string, minutesAgo: number) =>
    Array.from({ length: count }, () => prepared({ issue, ...at(minutesAgo) }))
  save({
    events: [
      ...times(5, 'old', 2 * 1440),
      ...times(1, 'old', 10),
      ...times(3, 'busy', 20),
      ...times(2, 'calm', 30),
    ],
  })
  save({ events: times(4, 'gone', 3 * 1440) })
  const top = async (query: string) => {
    const { body } = await ask(`/stats/top-issues?${query}`)
    return body.items.map(({ count, issue }: { count: number; issue: { culprit: string } }) => [
      issue.culprit.split(' ')[0],
      count,
    ])
  }
  t.same(await top(''), [
    ['busy', 3],
    ['calm', 2],
    ['old', 1],
  ])
  t.same(await top('limit=1'), [['busy', 3]], 'though another has more events in all')
  t.same(await top('since=-7d'), [
    ['old', 6],
    ['gone', 4],
    ['busy', 3],
    ['calm', 2],
  ])
  t.same(await top('since=-7d&until=-24h'), [
    ['old', 5],
    ['gone', 4],
  ])
  t.same(await top('project=7'), [])
  t.match((await ask('/stats/top-issues')).body.items[0].issue, {
    shortId: /^SHOP-/,
    count: 3,
    status: 'unresolved',
  })
  t.match((await ask('/stats/top-issues?since=-9w')).body, { status: 400, detail: /31 days/ })
  t.match((await ask('/stats/top-issues?since=-1h&until=-2h')).body, { status: 400, detail: /before until/ })
})

t.test('the tags of an issue are counted, key by key', async (t) => {
  const { ask, save } = await stockedApi(t)
  const of = (region: string, release: string) => prepared({ issue: 'checkout', tags: { region }, release })
  save({
    events: [
      of('eu', '1'),
      of('eu', '2'),
      of('us', '2'),
      ...Array.from({ length: 12 }, (_, n) => of('eu', `3.${n}`)),
    ],
  })
  const { items } = (await ask('/issues/1/tags')).body
  const tag = (key: string) => items.find((item: { key: string }) => item.key === key)
  t.same(tag('tag.region'), {
    key: 'tag.region',
    total: 15,
    values: [
      { value: 'eu', count: 14 },
      { value: 'us', count: 1 },
    ],
  })
  t.same(
    [tag('release').total, tag('release').values.length, tag('release').values[0]],
    [15, 10, { value: '2', count: 2 }],
  )
  t.same([tag('level').total, tag('function')], [15, undefined], 'frames are not counted')
  const seen: object[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body } = await ask(`/issues/1/tags/release?limit=5${cursor && `&cursor=${cursor}`}`)
    seen.push(...body.items)
    cursor = body.nextCursor
  }
  t.equal(new Set(seen.map((value) => JSON.stringify(value))).size, 14)
  t.same([seen.length, seen[0], seen[1]], [14, { value: '2', count: 2 }, { value: '1', count: 1 }])
  t.same((await ask('/issues/1/tags/tag.colour')).body, { items: [], nextCursor: null })
  for (const path of ['/issues/99/tags', '/issues/x/tags', '/issues/99/tags/release'])
    t.match(await ask(path), { status: 404, body: { type: 'urn:faultline:errors:issue-not-found' } })
})

t.test('nothing that is typed into the API breaks it', async (t) => {
  const { ask, save } = await stockedApi(t)
  save({ events: [prepared({ issue: 'checkout', tags: { region: 'eu' } })] })
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = randomFrom(seed)
  const oneOf = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  const parts = [
    '"',
    "'",
    ';',
    '--',
    '*',
    ' NEAR ',
    '(',
    ')',
    '^',
    ':',
    '{',
    '}',
    '\0',
    '%',
    '_',
    '\\',
    ',',
    '-',
    '>',
    ' OR ',
    ' AND ',
  ]
  const words = [
    'checkout',
    'tag.region:',
    'is:',
    'has:',
    'user:',
    'trace:',
    'count:>',
    'first:',
    'instance:',
    '\u{1f600}',
    '\ud800',
    '😀*',
  ]
  const texts = [
    () => 'x'.repeat(100_000),
    () => '"'.repeat(3000),
    () => "' OR 1=1; DROP TABLE issues; --",
    () => "') UNION SELECT hash FROM tokens --",
  ]
  const hostile = () =>
    random() < 0.05
      ? oneOf(texts)()
      : Array.from({ length: 1 + random() * 6 }, () => oneOf(random() < 0.6 ? parts : words)).join('')
  const addresses: ((text: string) => string)[] = [
    (text) => `/issues?query=${text}`,
    (text) => `/issues?cursor=${text}`,
    (text) => `/issues?environment=${text}&release=${text}&service=${text}`,
    (text) => `/issues?query=tag.${text}:${text}`,
    (text) => `/issues/${text}`,
    (text) => `/issues/${text}/events?cursor=${text}`,
    (text) => `/issues/1/tags/${text}`,
    (text) => `/events/${text}`,
    (text) => `/search?q=${text}`,
    (text) => `/search?q=checkout&cursor=${text}`,
    (text) => `/stats/series?issue=${text}&step=${text}`,
    (text) => `/stats/outcomes?since=${text}`,
    (text) => `/stats/top-issues?until=${text}`,
    (text) => `/dlq?cursor=${text}`,
    (text) => `/dlq/${text}`,
    (text) => `/projects?cursor=${text}`,
    (text) => `/audit-log?actor=${text}&cursor=${text}`,
  ]
  const statuses = new Map<number, number>()
  for (let round = 0; round < 1000; round++) {
    const text = hostile()
    const encoded = encodeURIComponent(text.toWellFormed())
    const { status, body } = await ask(oneOf(addresses)(encoded))
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    // 431 is Node's, for an address that is longer than all headers may be
    if (![200, 400, 404, 414, 431].includes(status))
      t.fail(`seed ${seed}: ${JSON.stringify(text).slice(0, 200)} answers ${status}`, { body })
  }
  for (const path of [
    '/issues/%ff',
    '/events/%E0%A4%A',
    '/search?q=%ff',
    '/issues?project=1e300',
    '/issues?project=9007199254740993',
    '/issues?since=-99999999999999999999w',
    '/issues?until=%2B275760-09-13',
    '/issues?until=9999-12-31T23:59:59.999999999Z',
    '/issues?query=count:>1e400',
    '/issues?query=count:99999999999999999999',
    '/issues?query=first:-99999999999w',
    '/stats/series?step=999999999w',
    '/stats/series?since=1970-01-01&until=9999-01-01&step=1w',
    '/stats/outcomes?since=9999-01-01',
    '/stats/top-issues?since=1970-01-01&until=9999-01-01',
    '/stats/top-issues?since=9999-01-01',
    '/dlq/999999999999999',
    `/issues?cursor=${Buffer.from('["issues.lastSeen",9007199254740991,-1]').toString('base64url')}`,
    `/issues?cursor=${Buffer.from('["issues.lastSeen",null,{}]').toString('base64url')}`,
  ]) {
    const { status } = await ask(path)
    t.ok([200, 400, 404].includes(status), `${path}: ${status}`)
  }
  t.ok((statuses.get(200) ?? 0) > 50 && (statuses.get(400) ?? 0) > 50, JSON.stringify([...statuses]))
  t.equal((await ask('/issues')).body.items.length, 1, 'and all is still there')
})

/** Numbers from 0 to 1, the same for a seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
