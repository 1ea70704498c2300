import type { ErrorEvent, StackFrame } from '@faultline/protocol'
import t from 'tap'
import { seededRandom } from '../../../core/test/seeded-random.js'
import { fingerprintOf } from '../../src/digest/fingerprint/fingerprint.js'
import { parameterise } from '../../src/digest/fingerprint/parameterise.js'
import { bareEvent as event } from './bare-event.js'

type Change = (event: ErrorEvent) => ErrorEvent

function frame(
  name: string | undefined,
  file: string | undefined,
  more: Partial<StackFrame> = {},
): StackFrame {
  return { ...(name && { function: name }), ...(file && { file }), line: 10, column: 5, inApp: true, ...more }
}

function thrown(frames: StackFrame[], more: Partial<ErrorEvent> = {}, type = 'TypeError'): ErrorEvent {
  return event({ exceptions: [{ type, message: 'no items in order 12345', frames }], ...more })
}

const context = { before: ['function placeOrder(o) {'], line: '  total += o.items.length', after: ['}'] }
const placeOrder = thrown([
  frame('placeOrder', '/srv/shop-B/src/orders.js', { context }),
  frame('async OrderService.handle', '/srv/shop-B/src/service.js'),
  frame('Layer.handle', '/srv/shop-B/node_modules/express/lib/layer.js', { module: 'express', inApp: false }),
  frame('processTicksAndRejections', 'node:internal/process/task_queues', { inApp: false }),
])
const browser = thrown(
  [
    frame('placeOrder', 'https://shop.example/assets/app.3f2a9c1b.js?v=1'),
    frame(undefined, 'https://shop.example/assets/index-BxQ3kZ1a.js'),
  ],
  { platform: 'javascript' },
)
const hashOf = (whole: ErrorEvent) => fingerprintOf(whole).hash

function mapFrames(whole: ErrorEvent, change: (frame: StackFrame, at: number) => StackFrame): ErrorEvent {
  return { ...whole, exceptions: whole.exceptions.map((one) => ({ ...one, frames: one.frames.map(change) })) }
}
const withFiles =
  (change: (file: string) => string): Change =>
  (whole) =>
    mapFrames(whole, (one) => (one.file === undefined ? one : { ...one, file: change(one.file) }))
const withMessage =
  (message: string): Change =>
  (whole) => ({ ...whole, message, exceptions: whole.exceptions.map((one) => ({ ...one, message })) })

const HARMLESS: Record<string, Change> = {
  'other lines and columns': (whole) => mapFrames(whole, (one) => ({ ...one, line: 99, column: 1 })),
  'no lines and columns': (whole) => mapFrames(whole, ({ line: _, column: _column, ...one }) => one),
  'another release': (whole) => ({ ...whole, release: '2.0.0', commit: 'abc' }),
  'another host': (whole) => ({
    ...whole,
    host: { name: 'shop-7' },
    environment: 'staging',
    service: 'shop-2',
  }),
  'another folder': withFiles((file) => file.replace(/^\/srv\/shop-B|^https:\/\/shop\.example/, '/app')),
  Windows: withFiles((file) => file.replace('/srv/shop-B/', 'C:\\app\\')),
  'relative files': withFiles((file) => file.replace('/srv/shop-B/', '')),
  'another build': withFiles((file) =>
    file.replace('3f2a9c1b', '77aa00ff12').replace('BxQ3kZ1a', 'C_9-fGhQ'),
  ),
  'no build hash': withFiles((file) => file.replace('.3f2a9c1b', '').replace('-BxQ3kZ1a', '')),
  'another query': withFiles((file) => file.replace('?v=1', '?v=2#x')),
  'other ids in the message': withMessage('no items in order 777 of 0199f3c2-7d1e-7a11-8a11-3f2a9c1b7d1e'),
  'the words of another engine': withMessage("can't access property, o.items is undefined"),
  'another prefix of names': (whole) =>
    mapFrames(whole, (one) => (one.function ? { ...one, function: `async Object.${one.function}` } : one)),
  recursion: (whole) => ({
    ...whole,
    exceptions: whole.exceptions.map((one) => ({
      ...one,
      frames: one.frames.flatMap((each) => [each, each, each]),
    })),
  }),
  'more frames of the runtime': (whole) => ({
    ...whole,
    exceptions: whole.exceptions.map((one) => ({
      ...one,
      frames: [frame('Array.map', '<anonymous>'), ...one.frames, frame('run', 'node:internal/run')],
    })),
  }),
  'neighbouring code': (whole) =>
    mapFrames(whole, (one) =>
      one.context ? { ...one, context: { ...one.context, before: [], after: ['x'] } } : one,
    ),
}

t.test('what does not matter does not split an issue', async (t) => {
  for (const [name, change] of Object.entries(HARMLESS)) {
    for (const whole of [placeOrder, browser]) t.equal(hashOf(change(whole)), hashOf(whole), name)
  }
  const { random, seed } = seededRandom()
  const changes = Object.entries(HARMLESS)
  for (let round = 0; round < 2000; round++) {
    const whole = random(2) === 0 ? placeOrder : browser
    const some = changes.filter(() => random(3) === 0)
    const changed = some.reduce((current, [, change]) => change(current), whole)
    if (hashOf(changed) !== hashOf(whole)) return t.fail(`${some.map(([name]) => name)} (seed ${seed})`)
  }
})

t.test('what matters splits', async (t) => {
  for (const whole of [placeOrder, browser]) {
    const changes: ErrorEvent[] = [
      mapFrames(whole, (one, at) => (at === 0 ? { ...one, function: 'cancelOrder' } : one)),
      mapFrames(whole, (one, at) => (at === 0 ? { ...one, file: '/srv/basket.js' } : one)),
      { ...whole, exceptions: whole.exceptions.map((one) => ({ ...one, type: 'RangeError' })) },
      { ...whole, fingerprint: ['{{ default }}', 'eu'] },
    ]
    for (const changed of changes) t.not(hashOf(changed), hashOf(whole))
  }
  const other = mapFrames(placeOrder, (one) =>
    one.context ? { ...one, context: { ...context, line: 'throw e' } } : one,
  )
  t.not(hashOf(other), hashOf(placeOrder), 'another line of the same function')
})

t.test('says why an event is in its issue', async (t) => {
  t.strictSame(fingerprintOf(placeOrder).values, [
    'TypeError',
    'orders.js placeOrder: total += o.items.length',
    'service.js handle',
  ])
  t.match(fingerprintOf(placeOrder), { version: 1, hash: /^[\da-f]{32}$/ })
})

t.test('takes the first rule that applies', async (t) => {
  const values = (whole: ErrorEvent) => fingerprintOf(whole).values
  t.strictSame(values({ ...placeOrder, fingerprint: ['pay', 'eu'] }), ['pay', 'eu'])
  for (const spelling of ['{{ default }}', '{{default}}', '{{  default }}']) {
    t.strictSame(values({ ...placeOrder, fingerprint: [spelling, 'eu'] }), [...values(placeOrder), 'eu'])
  }
  t.equal(hashOf({ ...placeOrder, fingerprint: ['{{ default }}'] }), hashOf(placeOrder))
  t.equal(hashOf({ ...placeOrder, fingerprint: [] }), hashOf(placeOrder))
  const cause = { type: 'DbError', message: 'x', frames: [frame('query', 'src/db.js')] }
  const chained = { ...placeOrder, exceptions: [...placeOrder.exceptions, cause] }
  t.strictSame(values(chained), [...values(placeOrder), 'DbError', 'db.js query'])
  const library = thrown([frame('run', 'node_modules/.pnpm/a@1.0.0/node_modules/a/x.js', { inApp: false })])
  t.strictSame(values(library), ['TypeError', 'x.js run'])
  t.strictSame(values(thrown([])), ['TypeError', 'no items in order <number>'])
  t.strictSame(values(event({ message: 'disk 93% full' })), ['disk <number>% full'])
  const message = event({
    message: 'disk full',
    exceptions: [{ type: '', message: 'disk full', frames: [frame('log', 'log.js')] }],
  })
  t.strictSame(values(message), ['disk full'], 'the stack of a message tells only where it was sent')
  t.strictSame(values(event()), [''])
})

t.test('the same error of every browser, and of every version of an SDK, is one issue', async (t) => {
  const url = 'https://shop.example/app.js'
  const engines = {
    Chrome: [
      ['OrderService.placeOrder', url],
      ['HTMLButtonElement.<anonymous>', url],
      ['Array.forEach', '<anonymous>'],
      ['new Cart', url],
      ['?', url],
    ],
    Edge: [
      ['OrderService.placeOrder', url],
      ['HTMLButtonElement.<anonymous>', url],
      ['new Cart', url],
      ['(anonymous function)', url],
    ],
    Firefox: [
      ['placeOrder', url],
      ['start/<', url],
      ['Cart', url],
      ['', url],
    ],
    Safari: [
      ['placeOrder', url],
      ['?', url],
      ['forEach', '[native code]'],
      ['Cart', url],
      ['global code', url],
    ],
  }
  const hashes = Object.values(engines).map((stack) =>
    hashOf(
      thrown(
        stack.map(([name, file]) => frame(name, file)),
        { platform: 'javascript' },
      ),
    ),
  )
  t.equal(new Set(hashes).size, 1)
  const versions = ['Object.<anonymous>', 'Object.?', '?', '<anonymous>', undefined].map((name) =>
    hashOf(thrown([frame('placeOrder', 'orders.js'), frame(name, 'orders.js')])),
  )
  t.equal(new Set(versions).size, 1)
})

t.test('names made up by compilers and proxies are the same in every run', async (t) => {
  const same = (one: Partial<StackFrame>, other: Partial<StackFrame>) => {
    const [first, second] = [one, other].map((more) =>
      thrown([frame(undefined, undefined, more)], { platform: 'java' }),
    )
    t.equal(hashOf(first as ErrorEvent), hashOf(second as ErrorEvent), JSON.stringify(one))
  }
  same(
    { module: 'a.B$$Lambda$12/0x00ff', function: 'run' },
    { module: 'a.B$$Lambda/0x01aa', function: 'run' },
  )
  same(
    { module: 'com.sun.proxy.$Proxy12', function: 'pay' },
    { module: 'com.sun.proxy.$Proxy7', function: 'pay' },
  )
  same(
    { module: 'a.B$$EnhancerBySpringCGLIB$$1f', function: 'x' },
    { module: 'a.B$$SpringCGLIB$$0', function: 'x' },
  )
  same({ module: 'a.B', function: 'lambda$pay$0' }, { module: 'a.B', function: 'lambda$pay$3' })
  same({ module: 'main', function: '(*Shop).pay.func1' }, { module: 'main', function: '(*Shop).pay.func2.1' })
  same({ module: 'shop', function: 'Order.pay' }, { module: 'shop', function: 'pay' })
})

t.test('a message without its parameters', async (t) => {
  const cases: Record<string, string> = {
    'order 12345 of ann@shop.example': 'order <number> of <email>',
    'GET https://a.example/x?y=1 failed': 'GET <url> failed',
    'connect ECONNREFUSED 10.0.0.1:5432': 'connect ECONNREFUSED <ip>',
    'from 2001:db8::ff00:42:8329': 'from <ip>',
    'id 0199f3c2-7d1e-7a11-8a11-3f2a9c1b7d1e': 'id <uuid>',
    'at 0x7fb843fe7310, commit 3f2a9c1b7d1e4a118a115b7d1e4a118a11deadbe': 'at <hex>, commit <sha>',
    'due 2026-11-23T10:00:00.123Z': 'due <date>',
    'timeout after 3021 ms, 1.5s': 'timeout after <duration>, <duration>',
    'user="Ann B" plan=\'x\'': 'user=<value> plan=<value>',
    'no ord_8fk2Lq9': 'no <id>',
    'took -1.5 of 1,000': 'took <number> of <number>',
    "Cannot read properties of undefined (reading 'items')":
      "Cannot read properties of undefined (reading 'items')",
  }
  for (const [before, after] of Object.entries(cases)) t.equal(parameterise(before), after)
})

t.test('a client that asks 20 000 times for the default does not wait for it as often', async (t) => {
  const asking = (times: number) =>
    thrown(
      Array.from({ length: 250 }, (_, at) => frame(`f${at}`, `x${at}.js`)),
      {
        fingerprint: Array.from({ length: times }, () => '{{ default }}'),
      },
    )
  fingerprintOf(asking(1))
  const startedAt = performance.now()
  const { values } = fingerprintOf(asking(20_000))
  t.ok(performance.now() - startedAt < 5000)
  t.equal(values.length, 100)
})

t.test('takes linear time on anything, and changes nothing', async (t) => {
  for (const unit of [
    'a',
    '1',
    '1.',
    'a@',
    'a.',
    '="',
    ':',
    'a/',
    '<',
    '$',
    '(',
    '.func1',
    '-12345678',
    '0x',
    ' \t',
  ]) {
    const hostile = unit.repeat(1_000_000 / unit.length)
    const whole = thrown([
      frame(hostile, hostile, { module: hostile }),
      frame(hostile, undefined, { module: hostile }),
    ])
    const startedAt = performance.now()
    const frozen = Object.freeze(whole)
    hashOf(frozen)
    hashOf(event({ message: hostile, fingerprint: ['{{ default }}', hostile] }))
    t.ok(performance.now() - startedAt < 5000, unit)
  }
  const deep = thrown(Array.from({ length: 250 }, (_, at) => frame(`f${at}`, `x${at}.js`)))
  t.ok(fingerprintOf(deep).values.length < 50)
})
