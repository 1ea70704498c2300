import t from 'tap'
import { asksForStatus, parseSearch, SEARCH_LIMITS } from '../../src/store/search/parse-search.js'
import { SEARCH_KEY_NAMES } from '../../src/store/search/search-keys.js'
import { SearchMistake } from '../../src/store/search/search-mistake.js'
import type { SearchTerm, ValueMatch } from '../../src/store/search/search-query.js'

const HOUR_MS = 3_600_000

function words(text: string, isNegated = false): SearchTerm {
  return { kind: 'words', text, isNegated }
}

function key(name: string, ...matches: ValueMatch[]): SearchTerm {
  return { kind: 'key', key: name, matches, isNegated: false }
}

const equals = (value: string): ValueMatch => ({ kind: 'equals', value })

function mistakeIn(search: string): string {
  try {
    parseSearch(search)
    return 'none'
  } catch (error) {
    if (error instanceof SearchMistake) return error.message
    throw error
  }
}

const READINGS: [search: string, ...terms: SearchTerm[]][] = [
  [''],
  [' \t\n '],
  ['timeout  payment', words('timeout'), words('payment')],
  ['"connection refused" db', words('connection refused'), words('db')],
  ['-"two words" -one', words('two words', true), words('one', true)],
  ['Größe 注文 наказ', words('Größe'), words('注文'), words('наказ')],
  ['TypeError: x is undefined', words('TypeError'), words('x'), words('is'), words('undefined')],
  ['a - b => c', words('a'), words('-'), words('b'), words('=>'), words('c')],
  ['service:orders', key('service', equals('orders'))],
  ['SERVICE:Orders', key('service', equals('Orders'))],
  ['-service:orders', { ...key('service', equals('orders')), isNegated: true } as SearchTerm],
  ['service:orders,"order s",o*', key('service', equals('orders'), equals('order s'), pattern('o*'))],
  ['release:1.*,', key('release', pattern('1.*'))],
  ['file:**a***b', key('file', pattern('*a*b'))],
  ['message:"say \\"hi\\", a:b *"', key('message', equals('say "hi", a:b *'))],
  ['file:"C:\\app\\x.js"', key('file', equals('C:\\app\\x.js'))],
  ['file:"ends with \\\\"', key('file', equals('ends with \\'))],
  ['url:https://shop.example:8443/cart', key('url', equals('https://shop.example:8443/cart'))],
  ['environment:""', key('environment', equals(''))],
  ['tag.Region:eu', key('tag.Region', equals('eu'))],
  ['TAG.__proto__:x', key('tag.__proto__', equals('x'))],
  ['has:user', { kind: 'has', key: 'user', isNegated: false }],
  ['has:trace', { kind: 'has', key: 'trace', isNegated: false }],
  ['-has:tag.region', { kind: 'has', key: 'tag.region', isNegated: true }],
  ['is:Unresolved,new', key('is', equals('unresolved'), equals('new'))],
  ['severity:critical,high', key('severity', equals('critical'), equals('high'))],
  ['count:>10', key('count', { kind: 'compare', operator: '>', value: 10 })],
  ['users:<=007', key('users', { kind: 'compare', operator: '<=', value: 7 })],
  ['http.status:503', key('http.status', equals('503'))],
  ['http.status:>=500', key('http.status', { kind: 'compare', operator: '>=', value: 500 })],
  ['last:-24h', key('last', { kind: 'compareAge', operator: '>=', ageMs: 24 * HOUR_MS })],
  ['first:<-2w', key('first', { kind: 'compareAge', operator: '<', ageMs: 14 * 24 * HOUR_MS })],
  ['first:2026-11-01', since('first', '>=', '2026-11-01T00:00:00Z')],
  ['first:>2026-11-01T08:30', since('first', '>', '2026-11-01T08:30:00Z')],
  ['last:<2026-11-01T08:30:15.5+02:00', since('last', '<', '2026-11-01T06:30:15.500Z')],
  [
    'urn:uuid:0197a1b2-0000-7000-8000-000000000001',
    key('instance', equals('urn:uuid:0197a1b2-0000-7000-8000-000000000001')),
  ],
]

function pattern(text: string): ValueMatch {
  return { kind: 'pattern', pattern: text }
}

function since(name: string, operator: '>' | '>=' | '<', time: string): SearchTerm {
  return key(name, { kind: 'compare', operator, value: Date.parse(time) })
}

t.test('a search is read as it is written', async (t) => {
  for (const [search, ...terms] of READINGS) t.strictSame(parseSearch(search), { terms }, search)
})

const MISTAKES: [search: string, ...said: string[]][] = [
  ['enviroment:production', '`enviroment`', 'character 1', 'Did you mean `environment`?'],
  ['timeout servcie:orders', '`servcie`', 'character 9', 'Did you mean `service`?'],
  ['region:eu', 'There is no key `region`', '`tag.name:value`'],
  ['tag.:eu', 'There is no key `tag.`'],
  ['__proto__:x', 'There is no key `__proto__`'],
  ['constructor:x', 'There is no key `constructor`'],
  ['http://shop.example', 'There is no key `http`', 'quotation marks'],
  ['is:unresolvd', 'character 4', 'muted, new, regressed', 'Did you mean `unresolved`?'],
  ['severity:hihg', 'critical, high, medium, low', 'Did you mean `high`?'],
  ['status:*', 'is none of unresolved, resolved, muted'],
  ['count:many', '`count:many`', 'is no number'],
  ['count:1e3', 'is no number'],
  ['count:>', 'is no number'],
  ['last:yesterday', 'is no time', '-24h'],
  ['last:2026-13-45', 'is no time'],
  ['release:>1.2', 'cannot be compared'],
  ['user:*@shop.example', 'can have no `*`'],
  ['service:', '`service` has no value at character 1'],
  ['service:,,', '`service` has no value'],
  ['has:', '`has` takes one key'],
  ['has:user,release', '`has` takes one key'],
  ['has:usr', 'There is no key `usr`', 'Did you mean `user`?'],
  ['say "hello', 'quotation mark at character 5 is never closed'],
  ['service:"hello', 'quotation mark at character 9 is never closed'],
  ['service:"a"b', 'A space is missing at character 12'],
  ['x'.repeat(2001), 'has 2001 characters; 2000 are the most'],
  ['x '.repeat(51), 'more than 50 words and keys'],
  [`"${'x '.repeat(51)}"`, 'more than 50 words and keys'],
  [`service:${'x,'.repeat(51)}`, 'more than 50 words and keys'],
]

t.test('a mistake is named, with its place and with what was meant', async (t) => {
  for (const [search, ...said] of MISTAKES) {
    for (const part of said) t.ok(mistakeIn(search).includes(part), `${part} in: ${mistakeIn(search)}`)
  }
})

t.test('every key of the language can be asked for', async (t) => {
  for (const name of SEARCH_KEY_NAMES) t.equal(mistakeIn(`has:${name}`), 'none', `has:${name}`)
  const values: Record<string, string> = { is: 'new', status: 'muted', severity: 'low', level: 'fatal' }
  const numbers = ['count', 'users', 'http.status']
  for (const name of SEARCH_KEY_NAMES) {
    const value = values[name] ?? (numbers.includes(name) ? '5' : '2026-11-01')
    t.equal(mistakeIn(`${name}:${value}`), 'none', name)
  }
})

t.test('a search that says a status itself is told from one that does not', async (t) => {
  t.equal(asksForStatus(parseSearch('is:muted')), true)
  t.equal(asksForStatus(parseSearch('-status:resolved timeout')), true)
  t.equal(asksForStatus(parseSearch('timeout "is:muted"')), false)
})

t.test('hostile searches are read or refused, in no time', async (t) => {
  const most = SEARCH_LIMITS.characters
  const parts = [
    '"',
    '\\',
    '\\"',
    ':',
    ',',
    '-',
    '*',
    '>',
    ' ',
    'a',
    'is:',
    'service:',
    '\0',
    '\ud800',
    '😀',
    'urn:',
  ]
  for (const part of parts) mistakeIn(part.repeat(most / part.length))
  const seed = Number(process.env.SEED ?? Date.now())
  t.comment(`SEED=${seed}`)
  const random = seededRandom(seed)
  const startedAt = performance.now()
  for (let round = 0; round < 5000; round++) {
    const length = Math.floor(random() * 60)
    mistakeIn(Array.from({ length }, () => parts[Math.floor(random() * parts.length)]).join(''))
  }
  t.ok(performance.now() - startedAt < 5000)
})

/** @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function seededRandom(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
