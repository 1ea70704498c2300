import type { Dice } from './dice.ts'

const PATHS = [
  '/issues',
  '/issues',
  '/search',
  '/search',
  '/search',
  '/stats/series',
  '/stats/outcomes',
  '/projects',
  '/dlq',
  '/issues/:id',
  '/issues/:id/events',
  '/events/:id',
  '/dlq/:id',
  '/dlq/:id/replay',
  '/nothing',
  '',
] as const
const IDS = [
  '1',
  '2',
  '3',
  '0',
  '-1',
  '1.5',
  '999999999999999',
  '9'.repeat(40),
  'NaN',
  '%00',
  '%ff',
  '%F0%9F%98%80',
  '__proto__',
  'a'.repeat(3000),
  'urn:uuid:00000000-0000-4000-8000-000000000000',
  'https%3A%2F%2Fshop.example%2Ferrors%2F1',
  '%2e%2e',
  '%',
  "1'--",
  '*',
  '0x1',
]
/** What each path understands; now and then it is asked for something of another one. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  '/issues': [
    'query',
    'query',
    'cursor',
    'limit',
    'since',
    'until',
    'project',
    'status',
    'severity',
    'sort',
    'environment',
    'release',
    'service',
  ],
  '/search': ['cursor', 'limit', 'project'],
  '/stats/series': ['since', 'until', 'project', 'issue'],
  '/stats/outcomes': ['since', 'until', 'project'],
}
const PAGE_NAMES = ['cursor', 'limit']
const ODD_NAMES = ['__proto__', 'q', 'query', '', 'step', 'constructor']
const WORDS = [
  'lamp',
  'order',
  '"',
  '""',
  '"a b',
  '*',
  '**',
  'a*',
  '*a',
  'type:',
  ':',
  'type:TypeError',
  '!type:x',
  '!',
  '!!',
  '-x',
  'OR',
  'AND',
  'NOT',
  'NEAR(a b)',
  '(',
  ')',
  '((((',
  'tag.a:b',
  'tag.:x',
  'tags[x]:y',
  'is:unresolved',
  'is:nonsense',
  'status:>499',
  'status:<=',
  'age:-24h',
  'age:>1y',
  'count:>1e9',
  'release:>=1.x',
  'release:*',
  'user:',
  'has:',
  'has:user',
  'firstSeen:-1d',
  'lastSeen:<2026',
  '\u0000',
  '\ud83d',
  '😀',
  'é',
  '%',
  '_',
  "'",
  ';',
  '--',
  '\\',
  '\\"',
  'message:"*"',
  '[a,b]',
  'level:[error,fatal]',
  '{',
  'null',
  'undefined',
  '1e999',
]
const VALUES = [
  '',
  '0',
  '-1',
  '1',
  '50',
  '200',
  '201',
  '1e3',
  'NaN',
  '9'.repeat(30),
  'null',
  '[]',
  '{}',
  '-24h',
  '-0s',
  '-999999999w',
  '2026-01-31T12:00:00Z',
  '2026-13-45',
  '+275760-09-13T00:00:00Z',
  '1970-01-01',
  '1m',
  '1h',
  '0s',
  '999999999w',
  'all',
  'unresolved',
  'high',
  'users',
  'lastSeen',
  'requests',
  'severity',
  'service',
  'eyJhIjoxfQ',
  'AAAA',
  '%',
  '\u0000',
  'a'.repeat(4000),
]

/** What is understood; anything else is refused before it does anything. */
const FITTING = new Map(
  Object.entries({
    limit: ['1', '50', '200', '201', '-1', 'NaN'],
    project: ['0', '1', '2', '99999999999999999999', '1e3'],
    status: ['all', 'unresolved', 'muted', 'nonsense'],
    severity: ['high', 'low', '__proto__'],
    sort: ['lastSeen', 'firstSeen', 'events', 'users', 'toString'],
  }),
)

/** A question to the query API. */
export function hostileQuery(dice: Dice): { method: string; url: string } {
  const path = dice.pick(PATHS).replace(':id', () => dice.pick(IDS))
  const parameters = Array.from({ length: dice.below(4) }, () => parameter(path, dice))
  if (path === '/search' || path === '/stats/series') parameters.unshift(fitting(path, dice))
  const method = path.endsWith('/replay')
    ? 'POST'
    : dice.isOneIn(40)
      ? dice.pick(['POST', 'PUT', 'HEAD', 'OPTIONS'])
      : 'GET'
  return { method, url: `/api/v1${path}${parameters.length > 0 ? '?' : ''}${parameters.join('&')}` }
}

function fitting(path: string, dice: Dice): string {
  if (path === '/search') return `q=${escaped(sentence(dice))}`
  return `step=${dice.pick(['1h', '60', '1m', '1d', '7'])}&by=${dice.pick(['requests', 'service', 'severity', 'environment'])}`
}

function parameter(path: string, dice: Dice): string {
  const name = dice.pick(dice.isOneIn(15) ? ODD_NAMES : (NAMES[path] ?? PAGE_NAMES))
  const value = name === 'query' ? sentence(dice) : dice.pick(FITTING.get(name) ?? VALUES)
  return `${escaped(name)}=${dice.isOneIn(30) ? value.replace(/[^!-~]/g, '%') : escaped(value)}`
}

function sentence(dice: Dice): string {
  const count = dice.isOneIn(40) ? 300 : 1 + dice.below(3)
  return Array.from(
    { length: count },
    () => dice.pick(WORDS) + (dice.isOneIn(6) ? dice.pick(WORDS) : ''),
  ).join(' ')
}

/** A lone half of a pair too, as its bytes. */
function escaped(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}
