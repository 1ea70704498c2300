import t from 'tap'
import { inSlices } from '../src/in-slices.js'
import { type RetentionParts, startRetention } from '../src/retention.js'
import type { Forgotten, OldestLimit } from '../src/store/store.js'

const DAY_MS = 86_400_000
const NOW = Date.parse('2026-11-23T12:00:00Z')

/** Runs until it has slept for a minute, on a store of so many old events and bytes, of which a slice takes so long. */
async function oneRound(options: {
  config: RetentionParts['config']
  old: number
  bytes?: number
  sliceMs?: number
}) {
  const { config, sliceMs = 10 } = options
  let { old, bytes = 0 } = options
  let clockMs = 0
  const ending = new AbortController()
  const asked: OldestLimit[] = []
  const slept: number[] = []
  const deleted: Record<string, number> = {}
  const lines: unknown[] = []
  const forgetOldest = (limit: OldestLimit): Forgotten => {
    clockMs += sliceMs
    asked.push(limit)
    const events = limit.before === undefined ? Math.min(limit.events, bytes) : Math.min(limit.events, old)
    if (limit.before !== undefined) old -= events
    bytes -= events
    return { events, issues: 0, stacks: 0, isMore: events > 0 }
  }
  await startRetention({
    config,
    store: { forgetOldest, usedBytes: () => bytes },
    now: () => NOW,
    clock: () => clockMs,
    async sleep(ms) {
      slept.push(ms)
      if (ms >= 60_000) ending.abort()
    },
    signal: ending.signal,
    onDeleted: (because, events) => {
      deleted[because] = (deleted[because] ?? 0) + events
    },
    log: { info: (details) => lines.push(details), error: (details) => lines.push(details) },
  })
  return { asked, slept, deleted, lines }
}

t.test('what is too old goes first, then what is too much, and the log says it in a line', async (t) => {
  const { asked, deleted, lines } = await oneRound({
    config: { retentionDays: 30, maxStoreBytes: 5000 },
    old: 300,
    bytes: 6000,
  })
  t.equal(asked[0]?.before, NOW - 30 * DAY_MS)
  t.same(deleted, { age: 300, size: 1500 }, 'by whole slices')
  t.same(lines, [{ deleted: { age: 300, size: 1500, issues: 0, stacks: 0 } }])
})

t.test('without limits nothing is deleted', async (t) => {
  const { asked, lines } = await oneRound({ config: { retentionDays: 'off' }, old: 300, bytes: 6000 })
  t.same([asked, lines], [[], []])
})

t.test('slices become as long as digest can wait for, and digest has three times as long', async (t) => {
  const config = { retentionDays: 30 }
  const slow = await oneRound({ config, old: 1000, sliceMs: 100 })
  t.same(
    slow.asked.slice(0, 4).map(({ events }) => events),
    [200, 50, 20, 20],
  )
  const fast = await oneRound({ config, old: 5000, sliceMs: 5 })
  t.same(
    fast.asked.slice(0, 3).map(({ events }) => events),
    [200, 1000, 1000],
  )
  t.ok(slow.slept.slice(1, -1).every((ms) => ms === 300))
})

t.test('a store that fails is tried again', async (t) => {
  const ending = new AbortController()
  const errors: unknown[] = []
  let rounds = 0
  await startRetention({
    config: { retentionDays: 1 },
    store: {
      forgetOldest() {
        throw new Error('disk I/O error')
      },
      usedBytes: () => 0,
    },
    now: () => NOW,
    clock: () => 0,
    async sleep(ms) {
      if (ms >= 60_000 && ++rounds === 2) ending.abort()
    },
    signal: ending.signal,
    onDeleted: () => t.fail(),
    log: { info: () => t.fail(), error: (details) => errors.push(details) },
  })
  t.match(errors, [{ err: { message: 'disk I/O error' } }, { err: { message: 'disk I/O error' } }])
})

t.test('work in slices ends between two of them', async (t) => {
  const ending = new AbortController()
  let slices = 0
  function* work() {
    for (;;) {
      slices++
      yield
    }
  }
  const sleep = async () => {
    if (slices === 3) ending.abort(new Error('stopped'))
  }
  await t.rejects(inSlices(work(), { clock: () => 0, sleep, signal: ending.signal }), { message: 'stopped' })
  t.equal(slices, 3)
})
