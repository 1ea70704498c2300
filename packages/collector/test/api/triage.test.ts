import t from 'tap'
import { prepared, stockedApi } from './stocked-api.js'

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
