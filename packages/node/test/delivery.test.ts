// The parts of the delivery, each by itself, on a clock of the test.
import type { ErrorReport } from '@faultline/core'
import { readBatch } from '@faultline/protocol'
import t from 'tap'
import { BackOff } from '../src/delivery/back-off.js'
import { EventQueue, type Waiting } from '../src/delivery/event-queue.js'
import { faultlineWire } from '../src/delivery/faultline-wire.js'
import { outcomeOf } from '../src/delivery/outcome.js'
import { labelOf, parcelFileName } from '../src/delivery/parcel.js'
import { RequestCounts } from '../src/delivery/request-counts.js'
import { sentryWire } from '../src/delivery/sentry-wire.js'
import { sizeOf } from '../src/delivery/size-of.js'
import { type Kind, StormControl } from '../src/delivery/storm-control.js'
import { distinctReport, reportFrom } from './distinct-reports.js'

t.test('storm control', async (t) => {
  t.test('sends the first so many of a minute, and counts the rest', async (t) => {
    const storm = new StormControl(3)
    const kinds = Array.from({ length: 10 }, () => storm.admit(reportFrom('a'), 0))
    t.equal(kinds.filter((kind) => kind !== undefined).length, 3)
    t.strictSame(storm.takeRepeats(), [], 'nothing is told before the event itself is on its way')
    const [first] = kinds as [Kind]
    first.isUnderWay = true
    t.match(storm.takeRepeats(), [{ eventId: first.eventId, count: 7 }])
    t.strictSame(storm.takeRepeats(), [], 'and nothing twice')
  })

  t.test('begins anew with each minute, and forgets no count of the one before', async (t) => {
    const storm = new StormControl(1)
    const first = storm.admit(reportFrom('a'), 0) as Kind
    storm.admit(reportFrom('a'), 59_999)
    const second = storm.admit(reportFrom('a'), 60_000) as Kind
    t.not(second.eventId, first.eventId)
    storm.admit(reportFrom('a'), 60_001)
    first.isUnderWay = true
    t.match(storm.takeRepeats(), [{ eventId: first.eventId, count: 1 }])
    t.ok(storm.hasPending)
    second.isUnderWay = true
    t.match(storm.takeRepeats(), [{ eventId: second.eventId, count: 1 }])
    t.notOk(storm.hasPending)
  })

  t.test('tells errors apart by their frames, whatever their message says', async (t) => {
    const storm = new StormControl(1)
    t.ok(storm.admit(reportFrom('a', 'order 1'), 0))
    t.notOk(storm.admit(reportFrom('a', 'order 2'), 0), 'another message')
    t.ok(storm.admit(reportFrom('b', 'order 1'), 0), 'another place')
    const report = reportFrom('a')
    t.ok(
      storm.admit(
        { ...report, exceptions: [{ ...report.exceptions[0], type: 'RangeError', message: '' }] },
        0,
      ),
      'another type',
    )
    t.ok(storm.admit({ ...report, fingerprint: ['mine'] }, 0), 'a fingerprint of its own')
    t.ok(storm.admit(reportFrom('', '', 'no error'), 0), 'what has no frames, by its message')
    t.notOk(storm.admit(reportFrom('', '', 'no error'), 0))
    t.ok(storm.admit(reportFrom('', '', 'another'), 0))
  })

  t.test('remembers the last hundred that were counted', async (t) => {
    const storm = new StormControl(1)
    const kind = storm.admit(reportFrom('a'), 0)
    const counted = Array.from({ length: 250 }, () => reportFrom('a'))
    for (const report of counted) storm.admit(report, 0)
    const newest = counted.slice(-100).map(({ id }) => ({ id, eventId: kind?.eventId }))
    t.strictSame(storm.lastCounted, newest)
  })

  t.test('what is counted under an event that is given up is given up with it', async (t) => {
    const storm = new StormControl(1)
    const kind = storm.admit(reportFrom('a'), 0) as Kind
    storm.admit(reportFrom('a'), 0)
    t.equal(storm.giveUp(kind), 1)
    t.notOk(storm.hasPending)
    t.ok(storm.admit(reportFrom('a'), 0), 'and the next one is a first again')
  })

  t.test('counts from the stack alone what has had its fill', async (t) => {
    const storm = new StormControl(2)
    const report = reportFrom('a')
    const { type, stack } = report.exceptions[0] as { type: string; stack: string }
    const repeat = (more = {}) => storm.countRepeat({ id: 'x', type, stack, thrown: 0, ...more }, 1)
    t.notOk(repeat(), 'an unknown one is to be reported')
    const kind = storm.admit(report, 0) as Kind
    t.notOk(repeat(), 'so is the second')
    storm.admit(reportFrom('a'), 0)
    t.ok(repeat())
    t.ok(repeat({ stack: stack.replace('Out of lamps', 'Out of tea') }), 'whatever its message says')
    t.notOk(repeat({ type: 'RangeError' }))
    t.notOk(repeat({ code: 'E1' }))
    t.notOk(repeat({ stack: 'Error: no frames' }))
    t.notOk(repeat({ stack: undefined }))
    t.notOk(
      storm.countRepeat({ id: 'x', type, stack, thrown: 0 }, 60_000),
      'the next minute begins with a report',
    )
    kind.isUnderWay = true
    t.match(storm.takeRepeats(), [{ eventId: report.id, count: 2 }])
  })

  t.test('holds a bounded number of counts while nobody takes them', async (t) => {
    let lost = 0
    const storm = new StormControl(1, (count) => {
      lost += count
    })
    for (let minute = 0; minute < 12; minute++) {
      for (let kind = 0; kind < 1000; kind++) {
        const admitted = storm.admit(reportFrom(kind), minute * 60_000)
        if (admitted) admitted.isUnderWay = true
        storm.admit(reportFrom(kind), minute * 60_000)
      }
    }
    const told = [storm.takeRepeats(), storm.takeRepeats()]
    t.equal(told[0]?.length, 10_000, 'no more than a batch may have')
    t.equal((told[0]?.length ?? 0) + (told[1]?.length ?? 0) + lost, 12_000)
    t.notOk(storm.hasPending)
  })

  t.test('follows a bounded number of kinds', async (t) => {
    const storm = new StormControl(1)
    for (let i = 0; i < 1000; i++) storm.admit(distinctReport(), 0)
    t.ok(storm.admit(reportFrom('late'), 0))
    t.ok(storm.admit(reportFrom('late'), 0), 'beyond them, every error is sent')
  })
})

t.test('the queue', async (t) => {
  const waiting = (kind: string, isFirst: boolean, bytes = 10): Waiting => {
    const report = { id: `${kind}${Math.random()}` } as ErrorReport
    return { report, bytes, kind: { eventId: isFirst ? report.id : kind } as Kind }
  }

  t.test('gives what has come first', async (t) => {
    const queue = new EventQueue(1000)
    const all = [waiting('a', true), waiting('a', false), waiting('b', true), waiting('b', false)]
    for (const one of all) t.strictSame(queue.push(one), [])
    t.strictSame(queue.take(3, 1000), all.slice(0, 3))
    t.strictSame(queue.take(3, 1000), all.slice(3))
    t.strictSame([queue.length, queue.bytes], [0, 0])
  })

  t.test('when it is full, the first of each kind stays and the oldest of the others goes', async (t) => {
    const queue = new EventQueue(40)
    const [a, a2, a3, b, c] = [
      waiting('a', true),
      waiting('a', false),
      waiting('a', false),
      waiting('b', true),
      waiting('c', true),
    ]
    for (const one of [a, a2, a3, b]) queue.push(one)
    t.strictSame(queue.push(c), [a2])
    t.strictSame(queue.push(waiting('d', true)), [a3])
    const e = waiting('e', true)
    t.strictSame(queue.push(e), [e], 'where all are firsts, the new one has no room')
  })

  t.test('one that is larger than all may be drives nobody out', async (t) => {
    const queue = new EventQueue(100)
    for (let i = 0; i < 9; i++) queue.push(waiting('a', false))
    const huge = waiting('b', true, 101)
    t.strictSame(queue.push(huge), [huge])
    t.equal(queue.length, 9)
  })

  t.test('takes not many more bytes than it is asked for', async (t) => {
    const queue = new EventQueue(1e6)
    for (let i = 0; i < 10; i++) queue.push(waiting('a', false, 100))
    t.equal(queue.take(10, 250).length, 3)
  })

  t.test('holds many without becoming slow', async (t) => {
    const queue = new EventQueue(1e9)
    for (let i = 0; i < 100_000; i++) queue.push(waiting('a', i % 2 === 0))
    let taken = 0
    for (let batch = queue.take(100, 1e6); batch.length > 0; batch = queue.take(100, 1e6))
      taken += batch.length
    t.equal(taken, 100_000)
  })
})

t.test('back-off', async (t) => {
  t.test('doubles, with jitter, up to its limit, and ends with a success', async (t) => {
    const latest = new BackOff({ minDelayMs: 100, maxDelayMs: 1000 }, () => 1)
    const delays = Array.from({ length: 6 }, () => {
      latest.fail(0)
      return latest.waitMs(0)
    })
    t.strictSame(delays, [100, 200, 400, 800, 1000, 1000])
    const earliest = new BackOff({ minDelayMs: 100, maxDelayMs: 1000 }, () => 0)
    earliest.fail(0)
    t.equal(earliest.waitMs(0), 50)
    t.equal(earliest.waitMs(50), 0)
    earliest.succeed()
    earliest.fail(0)
    t.equal(earliest.waitMs(0), 50, 'and begins anew')
  })

  t.test('obeys what the server asks for, within an hour', async (t) => {
    const backOff = new BackOff({ minDelayMs: 100, maxDelayMs: 1000 }, () => 1)
    backOff.fail(0, 5000)
    t.equal(backOff.waitMs(0), 5000)
    t.ok(backOff.isOrdered(4999))
    t.notOk(backOff.isOrdered(5000))
    backOff.fail(0, 1e12)
    t.equal(backOff.waitMs(0), 3_600_000)
    backOff.fail(0)
    t.notOk(backOff.isOrdered(0), 'a pause of our own is no order')
    backOff.succeed()
    backOff.obey(0, 2000)
    t.equal(backOff.waitMs(0), 2000)
  })
})

t.test('answers are read', async (t) => {
  const at = Date.UTC(2026, 0, 1)
  const read = (status: number, headers = {}, body = '', wire = faultlineWire) =>
    outcomeOf({ status, headers, body }, wire, at)
  const accepted = '{"accepted":1,"rejected":[]}'
  t.match(read(202, {}, accepted), { kind: 'accepted', rejected: [] })
  t.match(read(200, {}, '{"accepted":1,"rejected":[{"index":4,"problem":{}}]}'), {
    kind: 'accepted',
    rejected: [4],
  })
  for (const body of ['', 'OK', '<html>', '{}', '[]', '{"accepted":"many"}']) {
    t.match(read(200, {}, body), { kind: 'again' }, `200 ${body}`)
  }
  for (const status of [404, 408, 425, 429, 500, 502, 503, 504])
    t.equal(read(status).kind, 'again', `${status}`)
  for (const status of [301, 400, 401, 403, 405, 415, 422]) t.equal(read(status).kind, 'refused', `${status}`)
  t.equal(read(413).kind, 'too-large')
  t.match(read(429, { 'retry-after': '7' }), { retryAfterMs: 7000 })
  t.match(read(503, { 'retry-after': new Date(at + 9000).toUTCString() }), { retryAfterMs: 9000 })
  t.match(read(503, { 'retry-after': new Date(at - 9000).toUTCString() }), { retryAfterMs: 0 })
  t.notOk('retryAfterMs' in read(503, { 'retry-after': 'soon' }))
  t.match(read(400, {}, 'x'.repeat(1e6)), { why: /^it answered 400: x{200}$/ }, 'a long answer is clipped')
  const limits = (text: string) => ({ 'x-sentry-rate-limits': text })
  t.match(read(200, limits('60:error;default:key:reason, 5:transaction:key'), '{"id":"1"}', sentryWire), {
    pauseMs: 60_000,
  })
  t.match(read(429, limits('30::organization'), '', sentryWire), { retryAfterMs: 30_000 })
  t.notOk('retryAfterMs' in read(429, limits('30:transaction:key'), '', sentryWire))
  t.equal(read(200, {}, '', sentryWire).kind, 'accepted')
  t.equal(read(200, {}, '<html>', sentryWire).kind, 'again')
})

t.test('request counts cut what the collector would refuse the whole batch for', async (t) => {
  const long = 'x'.repeat(1000)
  const counts = new RequestCounts({ service: long, environment: long, release: long })
  counts.count(`/${long}`, 200)
  counts.endPeriod(0)
  const requests = counts.takeRows()
  t.equal(readBatch({ id: '018f0000-0000-7000-8000-000000000001', events: [], requests }).mistakes, undefined)
})

t.test('request counts', async (t) => {
  const counts = new RequestCounts({ service: 'shop', environment: 'test' })
  const at = Date.UTC(2026, 0, 1, 12, 30, 45)
  for (const status of [200, 201, 204, 301, 404, 500, 101, 999, 0]) counts.count('/orders', status)
  counts.endPeriod(at)
  counts.count('/orders', 200)
  counts.endPeriod(at + 5000)
  counts.count('/orders', 200)
  counts.endPeriod(at + 30_000)
  const rows = counts.takeRows()
  t.strictSame(
    rows.map(({ minute, status, count }) => [minute, status, count]),
    [
      ['2026-01-01T12:30:00.000Z', '2xx', 4],
      ['2026-01-01T12:30:00.000Z', '3xx', 1],
      ['2026-01-01T12:30:00.000Z', '4xx', 1],
      ['2026-01-01T12:30:00.000Z', '5xx', 1],
      ['2026-01-01T12:31:00.000Z', '2xx', 1],
    ],
  )
  t.match(rows[0], { service: 'shop', environment: 'test', route: '/orders' })
  t.notOk(counts.hasRows)
  for (let i = 0; i < 2000; i++) counts.count(`/r${i}`, 200)
  counts.endPeriod(at)
  const many = counts.takeRows()
  t.equal(many.length, 1001, 'routes beyond a thousand are counted together')
  t.equal(
    many.reduce((sum, { count }) => sum + count, 0),
    2000,
  )
})

t.test('a parcel’s file says what is in it', async (t) => {
  const label = {
    id: '01890000-0000-7000-8000-000000000001',
    events: 3,
    counted: 40,
    wire: 'sentry',
  } as const
  t.strictSame(labelOf(parcelFileName(label)), label)
  for (const name of ['notes.txt', `${parcelFileName(label)}.part`, '../x', ''])
    t.equal(labelOf(name), undefined)
})

t.test('the size of a report is not far from that of its JSON', async (t) => {
  for (const value of [distinctReport(), { a: ['x'.repeat(1000), 1, null], b: { c: true } }]) {
    const json = JSON.stringify(value).length
    const size = sizeOf(value)
    t.ok(size > json * 0.7 && size < json * 3 + 200, `${size} for ${json}`)
  }
})
