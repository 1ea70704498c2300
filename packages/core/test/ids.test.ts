import t from 'tap'
import { newEventId } from '../src/context/event-id.js'
import { parseTraceparent } from '../src/context/trace.js'

const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

t.test('an event id is a UUIDv7 that holds the time', async (t) => {
  const now = Date.now() + 60_000
  const id = newEventId(now)
  t.match(id, UUID_V7)
  t.equal(Number.parseInt(id.slice(0, 13).replace('-', ''), 16), now)
  t.match(newEventId(), UUID_V7)
})

t.test('event ids only grow, also within a millisecond and when the clock goes back', async (t) => {
  const now = Date.now() + 120_000
  let before = newEventId(now)
  const seen = new Set([before])
  for (let round = 1; round < 20_000; round++) {
    const id = newEventId(now - (round % 3) + 0.5)
    if (id <= before || !UUID_V7.test(id)) return t.fail(`${id} after ${before}`)
    seen.add(id)
    before = id
  }
  t.equal(seen.size, 20_000)
})

t.test('a clock that was set right is followed', async (t) => {
  newEventId(4e12)
  t.equal(Number.parseInt(newEventId(1e12).slice(0, 13).replace('-', ''), 16), 1e12)
})

t.test('reads a traceparent', async (t) => {
  const expected = { traceId: TRACE, spanId: SPAN }
  t.strictSame(parseTraceparent(`00-${TRACE}-${SPAN}-01`), expected)
  t.strictSame(parseTraceparent(`cc-${TRACE}-${SPAN}-01-later`), expected)
})

t.test('ignores a traceparent that is not valid', async (t) => {
  const invalid = [
    undefined,
    7,
    '',
    ['00'],
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-later`,
    `cc-${TRACE}-${SPAN}-01later`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-0g`,
    `00-${TRACE}-${SPAN}-01\n`,
    ` 00-${TRACE}-${SPAN}-01`,
  ]
  for (const header of invalid) t.equal(parseTraceparent(header), undefined, String(header))
})
