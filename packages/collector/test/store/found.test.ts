import t from 'tap'
import { parseSearch } from '../../src/store/search/parse-search.js'
import { SearchMistake } from '../../src/store/search/search-mistake.js'
import type { StoreReader, StoreWriter } from '../../src/store/store.js'
import { filter, openStore, type Store } from './opened-store.js'
import { idOf, NOW, type SampleEvent } from './sample-body.js'

const DAY_MS = 86_400_000

/** Which issues a search finds: by what they cannot do, sorted. */
function issuesFound(reader: StoreReader, search: string): string[] {
  const { items } = reader.issues(filter({ query: parseSearch(search) }))
  return items.map(({ culprit }) => culprit.replace(/do_(\w+) .*/, '$1')).sort()
}

function eventsFound(reader: StoreReader, search: string, names: readonly string[]): string[] {
  const { items } = reader.searchEvents(parseSearch(search), { limit: 50, now: NOW })
  return items.map(
    ({ event }) => names.find((name) => idOf(name) === event.id.replaceAll('-', '')) ?? event.id,
  )
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'

function saveShop(save: Store['save'], writer: StoreWriter): void {
  save({
    pay1: {
      issue: 'pay',
      text: 'Connection refused by bank',
      type: 'ConnectionError',
      environment: 'production',
      release: '1.0.0',
      user: { id: 'U-1', email: 'ann@shop.example' },
      tenant: 'acme',
      trace: { traceId: TRACE },
      tags: { region: 'eu-west' },
      request: { url: 'https://shop.example/pay', route: '/pay/:id', status: 502 },
      problem: { type: 'about:blank', instance: '/problems/1' },
    },
    pay2: {
      issue: 'pay',
      text: 'Connection refused by insurer',
      environment: 'test',
      tags: { region: 'us' },
    },
    ship1: {
      issue: 'ship',
      text: 'Zürich ist ausverkauft',
      service: 'mail',
      level: 'fatal',
      severity: 'low' as never,
    },
    scan1: { issue: 'scan', text: '100% of_ [x] \\ done', at: NOW - 2 * DAY_MS, type: 'RangeError' },
  })
  writer.updateIssue(3, { status: 'resolved' }, NOW)
}

const FOUND: [search: string, ...issues: string[]][] = [
  ['', 'pay', 'scan', 'ship'],
  ['refused', 'pay'],
  ['REFUSED Connection', 'pay'],
  ['"refused connection"', 'pay'],
  ['insurer', 'pay'],
  ['bank insurer', 'pay'],
  ['bank zürich'],
  ['zurich', 'ship'],
  ['do_scan', 'scan'],
  ['src/scan.ts', 'scan'],
  ['eu-west', 'pay'],
  ['us', 'pay'],
  ['mail', 'ship'],
  ['1.0.0', 'pay'],
  ['-refused', 'scan', 'ship'],
  ['-insurer', 'scan', 'ship'],
  ['=> - *', 'pay', 'scan', 'ship'],
  [idOf('pay2'), 'pay'],
  [TRACE, 'pay'],
  [`urn:uuid:${idOf('ship1')}`, 'ship'],
  ['instance:/problems/1', 'pay'],
  ['instance:/problems/2'],
  ['user:u-1', 'pay'],
  ['user:ann@shop.example', 'pay'],
  ['user:u-2'],
  ['-user:u-1', 'scan', 'ship'],
  ['environment:PRODUCTION type:rangeerror', 'scan'],
  ['tag.region:EU-West', 'pay'],
  ['assigned:ann'],
  ['project:SHOP is:resolved', 'scan'],
  ['PRODUCTION', 'pay', 'scan', 'ship'],
  [
    'has:service has:level has:severity has:status has:count has:first has:instance has:project',
    'pay',
    'scan',
    'ship',
  ],
  ['-has:service'],
  ['has:users', 'pay'],
  ['tenant:acme', 'pay'],
  [`trace:${TRACE}`, 'pay'],
  ['url:https://shop.example/pay', 'pay'],
  ['route:/pay/*', 'pay'],
  ['http.status:502', 'pay'],
  ['http.status:>=500', 'pay'],
  ['http.status:<500'],
  ['environment:test', 'pay'],
  ['environment:test,production', 'pay', 'scan', 'ship'],
  ['-environment:test', 'scan', 'ship'],
  ['environment:prod*', 'pay', 'scan', 'ship'],
  ['release:1.*', 'pay'],
  ['release:1_0_0*'],
  ['has:release', 'pay'],
  ['-has:release', 'scan', 'ship'],
  ['has:user', 'pay'],
  ['has:tag.region', 'pay'],
  ['tag.region:eu-west', 'pay'],
  ['tag.region:*west', 'pay'],
  ['tag.region:"*west"'],
  ['service:mail level:fatal', 'ship'],
  ['severity:low', 'ship'],
  ['type:RangeError', 'scan'],
  ['type:*Error -type:Range*', 'pay', 'ship'],
  ['message:"refused BY"', 'pay'],
  ['message:"100%"', 'scan'],
  ['message:"f_ [x] \\\\ d"', 'scan'],
  ['message:conn*', 'pay'],
  ['file:src/pay.ts', 'pay'],
  ['function:do_*', 'pay', 'scan', 'ship'],
  ['is:unresolved', 'pay', 'ship'],
  ['status:resolved', 'scan'],
  ['is:resolved,muted', 'scan'],
  ['is:assigned'],
  ['is:unassigned', 'pay', 'scan', 'ship'],
  ['is:regressed'],
  ['is:new', 'pay', 'ship'],
  ['first:<-1d', 'scan'],
  ['last:-24h', 'pay', 'ship'],
  ['last:>=2026-11-23', 'pay', 'ship'],
  ['count:>1', 'pay'],
  ['count:1', 'scan', 'ship'],
  ['users:1', 'pay'],
  ['project:shop', 'pay', 'scan', 'ship'],
  ['project:1 refused', 'pay'],
  ['project:other'],
]

t.test('a search finds the issues that it describes', async (t) => {
  const { reader, save, writer } = openStore(t)
  saveShop(save, writer)
  for (const [search, ...issues] of FOUND) t.same(issuesFound(reader, search), issues, search || 'nothing')
})

const EVENTS_FOUND: [search: string, ...events: string[]][] = [
  ['', 'scan1', 'ship1', 'pay2', 'pay1'],
  ['insurer', 'pay2'],
  ['bank insurer', 'pay2'],
  ['zürich', 'ship1'],
  ['environment:test', 'pay2'],
  ['-environment:test', 'scan1', 'ship1', 'pay1'],
  ['environment:prod*,test', 'scan1', 'ship1', 'pay2', 'pay1'],
  ['tag.region:us', 'pay2'],
  ['has:tag.region', 'pay2', 'pay1'],
  ['-has:user', 'scan1', 'ship1', 'pay2'],
  ['-insurer', 'scan1', 'ship1', 'pay1'],
  ['refused user:U-1', 'pay1'],
  ['user:U-1,nobody', 'pay1'],
  ['-user:U-1', 'scan1', 'ship1', 'pay2'],
  ['user:nobody'],
  ['http.status:>=500', 'pay1'],
  ['instance:/problems/1', 'pay1'],
  [idOf('ship1'), 'ship1'],
  [TRACE, 'pay1'],
  [`trace:${TRACE} environment:test`],
  ['is:resolved', 'scan1'],
  ['level:fatal', 'ship1'],
  ['type:*Error count:>1', 'pay2', 'pay1'],
  ['has:trace', 'pay1'],
  ['has:tenant has:url has:instance', 'pay1'],
  ['-has:url', 'scan1', 'ship1', 'pay2'],
  ['environment:TEST', 'pay2'],
  [`-${TRACE}`, 'scan1', 'ship1', 'pay2'],
  [`${TRACE} bank`, 'pay1'],
  [`${TRACE} insurer`],
]

t.test('a search finds events by what they have of their own', async (t) => {
  const { reader, save, writer } = openStore(t)
  saveShop(save, writer)
  const names = ['pay1', 'pay2', 'ship1', 'scan1']
  for (const [search, ...events] of EVENTS_FOUND) {
    t.same(eventsFound(reader, search, names), events, search || 'nothing')
  }
})

t.test('a search for events goes on behind a short page', async (t) => {
  const { reader, save } = openStore(t)
  const events: Record<string, SampleEvent> = {}
  for (let index = 0; index < 60; index++) {
    events[`e${index}`] = {
      issue: `i${index % 7}`,
      environment: index % 5 === 0 ? 'test' : 'production',
      text: `say ${index}`,
    }
  }
  save(events)
  for (const search of ['environment:test', 'say environment:test', '-environment:production']) {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = reader.searchEvents(parseSearch(search), { limit: 2, now: NOW, cursor })
      seen.push(...page.items.map(({ event }) => event.id.replaceAll('-', '')))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    t.same(
      seen,
      Array.from({ length: 12 }, (_, index) => idOf(`e${55 - 5 * index}`)),
      search,
    )
  }
})

t.test('events that say two words are found behind thousands that say one', async (t) => {
  const { reader, save } = openStore(t)
  const MANY = 5100
  const saying = (issue: string, says: (index: number) => string) => {
    const events: Record<string, SampleEvent> = { [issue]: { issue, text: 'first' } }
    for (let index = 0; index < MANY; index++) events[`${issue}${index}`] = { issue, text: says(index) }
    save(events)
  }
  const foundByPages = (search: string) => {
    let [found, pages] = [0, 0]
    let cursor: string | undefined
    do {
      const page = reader.searchEvents(parseSearch(search), { limit: 200, now: NOW, cursor })
      found += page.items.length
      pages++
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    return { found, pages }
  }
  saying('a', (index) => (index < 100 ? 'alpha beta' : 'alpha'))
  t.same(foundByPages('alpha beta'), { found: 100, pages: 1 })
  t.same(foundByPages('alpha gamma'), { found: 0, pages: 1 })
  save({ b: { issue: 'b', text: 'alpha' }, b1: { issue: 'b', text: 'beta' } })
  save({ c: { issue: 'c', text: 'beta' } })
  t.equal(foundByPages('alpha beta').found, 101, 'the words of issues count, too')
  t.same(foundByPages('alpha beta environment:test').found, 0)
})

t.test('what issues cannot be asked for is said, and events can be asked', async (t) => {
  const { reader, save, writer } = openStore(t)
  saveShop(save, writer)
  for (const key of ['trace', 'tenant', 'url']) {
    const query = parseSearch(`has:${key}`)
    t.throws(() => reader.issues(filter({ query })), { name: 'BadRequestToStore', message: /events/ })
  }
})

t.test('no text is ever syntax, for FTS5 or for SQL', async (t) => {
  const { reader, save, writer } = openStore(t)
  saveShop(save, writer)
  const parts = [
    '"',
    "'",
    '*',
    '^',
    '(',
    ')',
    ' AND ',
    ' OR ',
    ' NOT ',
    'NEAR(a b)',
    'words:',
    '{',
    '-',
    '+',
    ':',
    ';',
    '--',
  ]
  parts.push(
    '%',
    '_',
    '\\',
    '?',
    '\0',
    '\ud800',
    'é',
    'e\u0301',
    '\u0305',
    'क्षि',
    '😀',
    'x'.repeat(99),
    'a',
    ' ',
    '注文',
    '\u{11f04}',
  )
  const keys = ['user', 'file', 'message', 'tag.a', 'instance', 'project', 'type', 'http.status', 'assigned']
  const seed = Number(process.env.SEED ?? Date.now())
  t.comment(`SEED=${seed}`)
  const random = seededRandom(seed)
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  for (let round = 0; round < 100; round++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 8) }, () => pick(parts)).join('')
    const quoted = `"${text.replace(/[\\"]/g, '\\$&')}"`
    for (const search of [text, quoted, `-${quoted}`, `${pick(keys)}:${quoted}`, `${pick(keys)}:a*${text}`]) {
      const problem = trouble(() => {
        const query = parseSearch(search)
        reader.issues(filter({ query }))
        reader.searchEvents(query, { limit: 5, now: NOW })
      })
      t.equal(problem, undefined, JSON.stringify(search))
    }
    for (const name of ['environment', 'release', 'service']) reader.issues(filter({ [name]: text }))
    reader.event(text)
  }
})

t.test('every letter of every script can be looked for', async (t) => {
  const { reader, save } = openStore(t)
  save({ a: {} })
  // Han and Hangul are tens of thousands of the same.
  const isLetter = /(?![\p{sc=Han}\p{sc=Hangul}])[\p{L}\p{N}\p{M}]/u
  const letters = Array.from({ length: 0x1_2000 }, (_, code) => String.fromCodePoint(code))
  const words = letters.filter((letter) => isLetter.test(letter)).map((letter) => `a${letter}b`)
  for (let first = 0; first < words.length; first += 40) {
    const text = words.slice(first, first + 40).join(' ')
    const query = { terms: [{ kind: 'words' as const, text, isNegated: false }] }
    const problem = trouble(() => reader.issues(filter({ query })))
    t.equal(problem, undefined, text)
  }
})

function trouble(work: () => void): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return error instanceof SearchMistake ? undefined : String(error)
  }
}

t.test('a pattern full of stars takes no time', async (t) => {
  const { reader, save } = openStore(t)
  save({ a: { text: 'a'.repeat(16_000), tags: { long: 'a'.repeat(1000) } } })
  const startedAt = performance.now()
  for (const key of ['message', 'type', 'tag.long']) {
    const query = parseSearch(`${key}:${'*a'.repeat(900)}*b`)
    t.same(reader.issues(filter({ query })).items, [])
    t.same(reader.searchEvents(query, { limit: 50, now: NOW }).items, [])
  }
  t.ok(performance.now() - startedAt < 2000)
})

/** @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function seededRandom(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
