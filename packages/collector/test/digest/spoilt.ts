/** The same with some of its values, at any depth, replaced by others. */
export function spoilt(value: unknown, random: () => number, isWhole = true): unknown {
  if (!isWhole && random() < 0.04) return hostileValue(random)
  if (Array.isArray(value)) return value.map((item) => spoilt(item, random, false))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, spoilt(member, random, false)])
  if (random() < 0.05) members.push(['__proto__', { polluted: 1 }])
  return Object.fromEntries(members)
}

const HOSTILE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  '',
  ' ',
  '0',
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
  '{{auto}}',
  '2026-02-30T00:00:00Z',
  [],
  {},
  [[]],
  [null],
  [{}],
  [['a', 1], ['', null], 7],
  { values: 7 },
  { values: [null, 7, {}] },
  { frames: [null, {}] },
  { toString: 1 },
  { length: 3 },
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`),
  '%s{}'.repeat(1000),
  'Error: '.repeat(100),
]

function hostileValue(random: () => number): unknown {
  if (random() < 0.001) return 'x\0'.repeat(500_000)
  return HOSTILE[Math.floor(random() * HOSTILE.length)]
}
