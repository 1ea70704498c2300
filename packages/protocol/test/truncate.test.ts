import { type ErrorEvent, eventMistakes, truncateEvent } from '@faultline/protocol'
import t, { type Test } from 'tap'
import { seededRandom } from '../../core/test/seeded-random.js'
import { clipJsonText, clipText, JsonSizes, surelyFits } from '../src/json-size.js'
import { sampleEvent, sampleFrames } from './sample-event.js'

const MiB = 1_048_576

t.test('an event within the limits comes back as it is', async (t) => {
  const event = sampleEvent({}, 20)
  t.equal(truncateEvent(event), event)
  const full = sampleEvent({
    message: 'm'.repeat(16_384),
    exceptions: Array.from({ length: 50 }, () => ({ type: 'A', message: 'b', frames: [{ inApp: true }] })),
    tags: numbered(100, 'x'.repeat(1024)),
    breadcrumbs: crumbs(100),
    extra: { big: 'x'.repeat(500_000) },
  })
  t.equal(truncateEvent(full), full)
  const brimful = withSizeOf(MiB)
  t.equal(bytesOf(brimful), MiB)
  t.equal(truncateEvent(brimful), brimful, 'to the last byte')
})

t.test('cuts every count and length, and says where', async (t) => {
  const frames = sampleFrames(300)
  const event = sampleEvent({
    message: 'm'.repeat(20_000),
    exceptions: [
      { type: 'A', message: 'e'.repeat(20_000), frames },
      ...Array.from({ length: 60 }, (_, index) => ({ type: `T${index}`, message: '', frames: [] })),
    ],
    tags: { ['k'.repeat(70)]: 'v', region: 'v'.repeat(2000), ...numbered(150, 'x') },
    breadcrumbs: crumbs(130),
  })
  const before = structuredClone(event)
  const cut = truncateEvent(event)
  t.strictSame(event, before, 'the argument is not changed')

  t.equal(cut.message, `${'m'.repeat(16_383)}…`)
  t.equal(cut.exceptions.length, 50)
  t.equal(cut.exceptions[49]?.type, 'T48')
  t.equal(cut.exceptions[0]?.message, `${'e'.repeat(16_383)}…`)
  t.strictSame(cut.exceptions[0]?.frames, [...frames.slice(0, 125), ...frames.slice(175)])
  t.equal(Object.keys(cut.tags ?? {}).length, 100)
  t.equal(cut.tags?.[`${'k'.repeat(63)}…`], 'v')
  t.equal(cut.tags?.region, `${'v'.repeat(1023)}…`)
  t.strictSame(cut.breadcrumbs, event.breadcrumbs?.slice(30))
  t.strictSame(cut.truncated, [
    'message',
    'exceptions',
    'exceptions.0.message',
    'exceptions.0.frames',
    'breadcrumbs',
    'tags',
    `tags.${'k'.repeat(63)}…`,
    'tags.region',
  ])
  t.strictSame(eventMistakes(cut), [])
  t.equal(truncateEvent(cut), cut, 'once is enough')
})

t.test('of two long tag names that begin alike the first is kept', async (t) => {
  const start = 'k'.repeat(64)
  const cut = truncateEvent(sampleEvent({ tags: { [`${start}1`]: 'one', [`${start}2`]: 'two' } }))
  t.strictSame(cut.tags, { [`${'k'.repeat(63)}…`]: 'one' })
})

t.test('never cuts inside a pair of surrogates', async (t) => {
  t.equal(clipText('ab😀cd', 4), 'ab…')
  t.equal(clipText('ab😀cd', 5), 'ab😀…')
  for (let bytes = 5; bytes < 20; bytes++) {
    const clipped = clipJsonText('😀😀😀😀😀', bytes) ?? ''
    t.match(clipped, /^(😀)*…?$/u, `${bytes} bytes`)
    t.ok(bytesOf(clipped) <= bytes && bytesOf(clipped) > bytes - 4, `${bytesOf(clipped)} of ${bytes} bytes`)
  }
})

t.test('a parent that was cut is no longer pointed to', async (t) => {
  const exceptions = Array.from({ length: 60 }, (_, index) => ({
    type: 'A',
    message: '',
    frames: [],
    ...(index > 0 && { parent: index === 7 ? 55 : 0 }),
  }))
  const cut = truncateEvent(sampleEvent({ exceptions }))
  t.notOk('parent' in (cut.exceptions[7] ?? {}))
  t.equal(cut.exceptions[8]?.parent, 0)
})

t.test('cuts the biggest part of too long an event, and nothing else', async (t) => {
  const event = sampleEvent({
    extra: { big: 'é'.repeat(MiB), list: [1, 2, 3], small: 'kept' },
    request: { method: 'POST', body: { file: 'x'.repeat(MiB), name: 'kept' } },
  })
  const cut = truncateEvent(event)
  within(t, cut)
  t.strictSame(cut.truncated?.toSorted(), ['extra.big', 'request.body.file'])
  t.match(cut.extra, { big: /^é+…$/, list: [1, 2, 3], small: 'kept' })
  t.match(cut.request?.body, { file: /^x+…$/, name: 'kept' })
  t.strictSame(
    { ...cut, extra: 0, request: 0, truncated: 0 },
    { ...event, extra: 0, request: 0, truncated: 0 },
  )
  t.ok(bytesOf(cut) > 0.9 * MiB, 'no more than it must')
})

t.test('what is valid stays valid, however long its parts are', async (t) => {
  const long = 'x'.repeat(1.2 * MiB)
  const many = numbered(12_000, 'x'.repeat(90))
  const cases: Record<string, Partial<ErrorEvent> & Record<string, unknown>> = {
    'required texts': {
      service: long,
      environment: long,
      platform: long,
      sdk: { name: long, version: long },
    },
    'a lot of unknown members': many,
    'unknown members in an exception': {
      exceptions: [{ type: 'A', message: 'kept', frames: sampleFrames(3), ...many }],
    },
    'the context of frames': {
      exceptions: [
        {
          type: 'A',
          message: 'kept',
          frames: sampleFrames(250).map((frame) => ({ ...frame, file: long.slice(0, 9000) })),
        },
      ],
    },
    'every exception full': {
      exceptions: Array.from({ length: 50 }, () => ({
        type: long.slice(0, 20_000),
        message: '\u0000'.repeat(16_384),
        frames: sampleFrames(40),
      })),
    },
    'data of breadcrumbs': { breadcrumbs: crumbs(100, { data: { long: long.slice(0, 20_000) } }) },
    'tags and headers': { tags: numbered(100, '\ud800'.repeat(1024)), request: { headers: many } },
    'long names': { extra: { [long]: 1 }, [long]: 1, request: { [long]: 1 } },
    'a fingerprint': { fingerprint: Array.from({ length: 15_000 }, () => 'x'.repeat(80)) },
    'earlier cuts': {
      truncated: Array.from({ length: 50_000 }, (_, index) => `extra.${index}${'x'.repeat(100)}`),
    },
    'a long list': { extra: { list: Array.from({ length: 200_000 }, (_, index) => index) } },
  }
  for (const [name, members] of Object.entries(cases)) {
    const cut = truncateEvent(sampleEvent(members))
    within(t, cut, name)
    t.ok(cut.exceptions[0]?.frames.length, `${name}: still says where it happened`)
    t.ok(bytesOf(cut) > 1000, `${name}: says anything at all`)
  }
})

t.test('of too many frames those at both ends are kept, of breadcrumbs the newest', async (t) => {
  const frames = sampleFrames(250).map((frame) => ({ ...frame, file: 'é'.repeat(4000) }))
  const cut = truncateEvent(sampleEvent({ exceptions: [{ type: 'A', message: 'b', frames }] }))
  const lines = cut.exceptions[0]?.frames.map((frame) => frame.line) ?? []
  t.ok(lines.length > 10)
  t.strictSame(lines.slice(0, 3), [0, 1, 2])
  t.strictSame(lines.slice(-3), [247, 248, 249])

  const steps = crumbs(100, {
    data: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}`, 'x'.repeat(100)])),
  })
  const shorter = truncateEvent(sampleEvent({ breadcrumbs: steps, ...numbered(12_000, 'x'.repeat(90)) }))
  t.equal(shorter.breadcrumbs?.at(-1)?.message, 'step 99')
})

t.test('earlier cuts stay marked', async (t) => {
  const truncated = ['extra.early']
  const long = sampleEvent({ truncated, message: 'm'.repeat(20_000) })
  t.strictSame(truncateEvent(long).truncated, ['extra.early', 'message'])
  const big = sampleEvent({ truncated, extra: { big: 'x'.repeat(2 * MiB) } })
  t.strictSame(truncateEvent(big).truncated, ['extra.early', 'extra.big'])
})

t.test('what nests too deeply is cut, though it is short', async (t) => {
  let deep: unknown = 'bottom'
  for (let depth = 0; depth < 50_000; depth++) deep = depth % 2 === 0 ? [deep] : { deep }
  const cut = truncateEvent(sampleEvent({ extra: { deep, kept: 1 } }))
  t.equal(cut.extra?.kept, 1)
  t.match(JSON.stringify(cut.extra?.deep), /"…"/)
  t.match(cut.truncated, [/^extra\.deep\./])
  t.equal(truncateEvent(cut), cut)

  const circle: Record<string, unknown> = { kept: 1 }
  circle.again = circle
  within(t, truncateEvent(sampleEvent({ extra: { circle } })), 'a circle')
})

t.test('whatever comes in, what goes out is valid and short enough', async (t) => {
  const { random, seed } = seededRandom()
  t.comment(`seed ${seed}`)
  for (let round = 0; round < 10; round++) {
    const event = randomEvent(random)
    t.strictSame(eventMistakes(event), [], `seed ${seed}, round ${round}: the test makes valid events`)
    const before = JSON.stringify(event)
    const cut = truncateEvent(event)
    within(t, cut, `seed ${seed}, round ${round}`)
    t.equal(JSON.stringify(event), before, 'its argument is not changed')
    t.equal(cut === event, cut.truncated === undefined, 'a mark if and only if something was cut')
  }
})

t.test('measures JSON to the byte', async (t) => {
  const { random, seed } = seededRandom()
  t.comment(`seed ${seed}`)
  for (let round = 0; round < 2000; round++) {
    const value = randomValue(random, 3, 40)
    const bytes = bytesOf(value)
    const sizes = new JsonSizes()
    if (sizes.of(value, 100) !== bytes) t.fail(`seed ${seed}: ${JSON.stringify(value)}`)
    if (surelyFits(value, bytes - 1, 100))
      t.fail(`seed ${seed}: more than it surely is: ${JSON.stringify(value)}`)
  }
  const odd = { a: undefined, b: [undefined, Number.NaN], c: '\u007f\u2028', '': -0, d: 1e-300, e: null }
  t.equal(new JsonSizes().of(odd, 100), bytesOf(odd))
})

function within(t: Test, event: ErrorEvent, name = 'event') {
  t.ok(bytesOf(event) <= MiB, `${name}: ${bytesOf(event)} bytes`)
  t.strictSame(eventMistakes(event), [], `${name}: valid`)
  t.ok((event.truncated?.length ?? 0) <= 100, `${name}: few paths`)
  t.ok(
    event.exceptions.every(({ parent = 0 }) => parent < event.exceptions.length),
    `${name}: parents are there`,
  )
  t.equal(truncateEvent(event), event, `${name}: once is enough`)
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function withSizeOf(bytes: number): ErrorEvent {
  const event = sampleEvent({ extra: { text: '' } })
  return { ...event, extra: { text: 'x'.repeat(bytes - bytesOf(event)) } }
}

function numbered(count: number, value: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, value]))
}

function crumbs(count: number, members: object = {}) {
  return Array.from({ length: count }, (_, index) => ({
    at: '2026-03-01T12:00:00Z',
    category: 'step',
    message: `step ${index}`,
    ...members,
  }))
}

type Random = (below: number) => number

function randomEvent(random: Random): ErrorEvent {
  const some = <Value>(most: number, make: () => Value) => Array.from({ length: random(most) }, make)
  const text = () => randomText(random, 10 ** random(5))
  const data = () => Object.fromEntries(some(5, () => [text(), randomValue(random, 4, 10 ** random(5))]))
  const frame = () => ({
    inApp: random(2) === 0,
    function: randomText(random, 10 ** random(4)),
    context: { before: some(3, text), line: text(), after: [] },
  })
  const exceptionCount = 1 + random(random(2) === 0 ? 4 : 60)
  return sampleEvent({
    ...data(),
    service: text(),
    message: text(),
    exceptions: Array.from({ length: exceptionCount }, () => ({
      type: text(),
      message: text(),
      parent: random(exceptionCount),
      frames: random(10) === 0 ? some(300, frame) : some(4, frame),
      meta: data(),
    })),
    tags: Object.fromEntries(some(150, () => [randomText(random, 80), randomText(random, 2000)])),
    extra: data(),
    request: {
      body: randomValue(random, 5, 1000),
      headers: Object.fromEntries(some(9, () => [text(), text()])),
      ...data(),
      status: 500,
      method: 'GET',
      id: 'a',
      route: '/',
      url: '/',
      query: '',
      ip: '',
      userAgent: '',
      durationMs: 1,
    },
    breadcrumbs: some(130, () => ({
      at: '2026-03-01T12:00:00Z',
      category: 'c',
      message: randomText(random, 3000),
      data: data(),
    })),
  })
}

function randomValue(random: Random, depth: number, length: number): unknown {
  const kind = random(depth === 0 ? 4 : 6)
  if (kind === 0) return [null, true, false][random(3)]
  if (kind === 1) return (random(2 ** 30) - 2 ** 29) / 10 ** random(9)
  if (kind <= 3) return randomText(random, length)
  const items = Array.from({ length: random(6) }, () => randomValue(random, depth - 1, length))
  if (kind === 4) return items
  return Object.fromEntries(items.map((item) => [randomText(random, 9), item]))
}

const PIECES = ['a', 'é', '…', '😀', '\ud800', '\udc00', '"', '\\', '\n', '\u0001', '\u2028', 'word ']

// Long ones repeat themselves: making them must not be what the test spends its time on.
function randomText(random: Random, mostUnits: number): string {
  const piece = Array.from({ length: 1 + random(12) }, () => PIECES[random(PIECES.length)]).join('')
  return piece.repeat(random(mostUnits) / piece.length + 1).slice(0, random(mostUnits))
}
