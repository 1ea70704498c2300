import type { Dice } from './dice.ts'

const HERE = '@@here@@'

/** As they stand in JSON, or would like to. */
const VALUES: readonly ((dice: Dice) => string)[] = [
  () => 'null',
  () => 'NaN',
  () => '-Infinity',
  () => '1e999',
  () => '-0',
  () => '9007199254740993',
  () => '1e308',
  (dice) => '9'.repeat(1 + dice.below(400)),
  (dice) => String(dice.next() * 1e20),
  () => '-1',
  () => '""',
  () => '[]',
  () => '{}',
  () => 'true',
  () => '"\\ud800"',
  () => '"\\udc00\\ud800 half a pair"',
  () => '"\\u0000"',
  () => '"a\\u0000b\\u0000"',
  () => '"\\u202e\\ufeff\\u2028"',
  () => '"\u0000\u0001"',
  () => '"__proto__"',
  () => '"constructor"',
  () => '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"toString":1}}}',
  () => '{"toString":1,"valueOf":2,"hasOwnProperty":3,"length":-1,"then":4,"toJSON":5}',
  () => '[{"length":1e9}]',
  () => '"\'; DROP TABLE event; --"',
  () => '"%s%n{{7*7}}<script>"',
  () => '"urn:uuid:00000000-0000-0000-0000-000000000000"',
  () => '"2026-13-45T99:99:99Z"',
  () => '"+275760-09-13T00:00:00.001Z"',
  () => '"0000-01-01T00:00:00Z"',
  () => '"\\\\"',
  (dice) => `"${dice.pick(['a', ' ', '/', '(', 'é', '😀', '1.', '\\\\', '@x.', '[', '{{', '%'])}"`,
  (dice) =>
    `"${dice.pick(['a', ' a', '/', '((', '1.', '@x', '://', 'at ', '\\n', ' at a (b:1:1)\\n']).repeat(1 + dice.below(3000))}"`,
  (dice) => (dice.isOneIn(40) ? `"${'long '.repeat(60_000)}"` : '"short"'),
  (dice) => nested('[', ']', dice),
  (dice) => nested('{"a":', '}', dice),
  (dice) => nested('{"values":[', ']}', dice),
  (dice) => `[${'null,'.repeat(dice.below(2000))}0]`,
  (dice) => `{${Array.from({ length: dice.below(500) }, (_, at) => `"k${at}":${at}`).join()}}`,
]

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\u0000',
  'a'.repeat(5000),
  'password',
  'exception',
  'values',
  'length',
  'event_id',
  'id',
  'tags',
  '0',
  '-1',
  'ключ',
  '\ud800',
  'then',
  'toJSON',
] as const

type Node = Record<string, unknown> | unknown[]

/** The JSON of a value, in which some places hold what nobody would expect there. */
export function spoiledJson(value: object, dice: Dice): string {
  const copy = structuredClone(value) as Node
  const changes = 1 + dice.below(3)
  for (let change = 0; change < changes; change++) spoil(nodeIn(copy, dice), dice)
  const json = JSON.stringify(copy)
  return json.replaceAll(`"${HERE}"`, () => dice.pick(VALUES)(dice))
}

/** A value by itself. */
export function hostileValue(dice: Dice): string {
  return dice.pick(VALUES)(dice)
}

function spoil(node: Node, dice: Dice): void {
  const names = Object.keys(node)
  const name = dice.pick(names)
  const holder = node as Record<string, unknown>
  const kind = dice.below(5)
  if (kind === 0 && name !== undefined && !Array.isArray(node)) delete holder[name]
  else if (kind === 1 || name === undefined)
    define(holder, Array.isArray(node) ? String(node.length) : dice.pick(NAMES), HERE)
  else if (kind === 2) define(holder, name, [holder[name], HERE])
  else define(holder, name, HERE)
}

/** `__proto__` too becomes a name of its own. */
function define(holder: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true })
}

/** One of the objects and lists inside, or the outermost. */
function nodeIn(root: Node, dice: Dice): Node {
  let node = root
  for (;;) {
    const inner = Object.values(node).filter((one): one is Node => typeof one === 'object' && one !== null)
    if (inner.length === 0 || dice.isOneIn(4)) return node
    node = dice.pick(inner)
  }
}

function nested(open: string, close: string, dice: Dice): string {
  const depth = dice.isOneIn(10) ? 20_000 : 1 + dice.below(600)
  return open.repeat(depth) + (open.endsWith(':') ? '1' : '') + (dice.isOneIn(5) ? '' : close.repeat(depth))
}
