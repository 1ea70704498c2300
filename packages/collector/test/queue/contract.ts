import { join } from 'node:path'
import type { Test } from 'tap'
import { type NewBody, type Queue, QueueFull, type QueueReader } from '../../src/queue/queue.js'

/** A queue of one kind, in a folder of its own; opened again in the same folder, it is the same queue. */
export type OpenQueue = (folder: string, limitBytes: number) => { queue: Queue; reader: QueueReader }

const LIMIT_BYTES = 1_000_000
const MANY = { bodies: 1000, bytes: 1_000_000 }

export function aBody(members: Partial<NewBody> = {}): NewBody {
  return {
    projectId: 1,
    format: 'batch',
    encoding: 'gzip',
    eventCount: 1,
    receivedAt: Date.UTC(2026, 2, 1),
    meta: {},
    bytes: Buffer.from('a body'),
    ...members,
  }
}

/** Waits for what happens by itself. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > deadlineMs) throw new Error('Not in ten seconds')
    await new Promise(setImmediate)
  }
}

/** What every kind of queue does. */
export function queueContract(t: Test, name: string, open: OpenQueue): void {
  const opened = (t: Test, folder = t.testdir(), limitBytes = LIMIT_BYTES) => {
    const both = open(folder, limitBytes)
    t.teardown(async () => {
      both.reader.close()
      await both.queue.close()
    })
    return { ...both, folder }
  }
  const positions = (reader: QueueReader, after = 0, limits = MANY) =>
    reader.take(after, limits).map(({ position }) => position)

  t.test(`${name} gives back what was appended, in order`, async (t) => {
    const { queue, reader } = opened(t)
    const meta = { ip: '192.0.2.1', userAgent: 'a\0b\ud800', eventId: 'a'.repeat(32) }
    const bodies = [
      aBody({ meta, bytes: Buffer.from([0, 255, 1]) }),
      aBody({ projectId: 2 ** 40, format: 'envelope', encoding: 'identity', eventCount: 0 }),
      aBody({ bytes: Buffer.alloc(0) }),
    ]
    t.same(await Promise.all(bodies.map((body) => queue.append(body))), [1, 2, 3])
    const taken = reader.take(0, MANY)
    t.same(
      taken.map(({ bytes, ...rest }) => ({ ...rest, bytes: Buffer.from(bytes) })),
      bodies.map((body, at) => ({ ...body, position: at + 1 })),
    )
  })

  t.test(`${name} hands out as many as fit into both limits, and at least one`, async (t) => {
    const { queue, reader } = opened(t)
    await Promise.all([10, 20, 30].map((size) => queue.append(aBody({ bytes: Buffer.alloc(size) }))))
    t.same(positions(reader, 0, { bodies: 2, bytes: 1000 }), [1, 2])
    t.same(positions(reader, 0, { bodies: 9, bytes: 30 }), [1, 2])
    t.same(positions(reader, 0, { bodies: 9, bytes: 29 }), [1])
    t.same(positions(reader, 2, { bodies: 9, bytes: 1 }), [3])
    t.same(positions(reader, 3), [])
  })

  t.test(`${name} counts what it has received and what waits, over a restart too`, async (t) => {
    const { queue, reader, folder } = opened(t)
    const bodies = [
      aBody({ eventCount: 50 }),
      aBody({ projectId: 2 }),
      aBody({ eventCount: 7, bytes: Buffer.alloc(100) }),
    ]
    await Promise.all(bodies.map((body) => queue.append(body)))
    t.same(queue.received(), new Map([[1, 57], [2, 1]])) // biome-ignore format: a table
    t.same(queue.length(), { bodies: 3, events: 58, bytes: 112 })
    queue.trim(2, [])
    t.same(queue.length(), { bodies: 1, events: 7, bytes: 100 }, 'at once')
    queue.trim(1, [])
    t.same(queue.length(), { bodies: 1, events: 7, bytes: 100 }, 'never twice')
    await queue.close()

    const again = opened(t, folder)
    t.same(again.queue.received(), new Map([[1, 57], [2, 1]])) // biome-ignore format: a table
    t.same(again.queue.length(), { bodies: 1, events: 7, bytes: 100 })
    t.same(positions(reader), [3])
  })

  t.test(`${name} can be opened and counted whatever clients have claimed`, async (t) => {
    const { queue, folder } = opened(t)
    const claim = () => queue.append(aBody({ eventCount: Number.MAX_SAFE_INTEGER }))
    await claim()
    await claim()
    await queue.close()

    const again = opened(t, folder)
    t.equal(again.queue.received().get(1), Number.MAX_SAFE_INTEGER)
    again.queue.trim(1, [])
    t.equal(again.queue.length().events, Number.MAX_SAFE_INTEGER)
  })

  t.test(`${name} never gives a position twice`, async (t) => {
    const { queue, reader, folder } = opened(t)
    await Promise.all([queue.append(aBody()), queue.append(aBody())])
    queue.trim(2, [])
    await until(() => positions(reader).length === 0)
    t.equal(await queue.append(aBody()), 3, 'when it has become empty')
    queue.trim(3, [])
    await queue.close()

    const again = opened(t, folder)
    t.equal(await again.queue.append(aBody()), 4, 'after a restart')
    const fresh = opened(t, t.testdir({ other: {} }) && join(t.testdirName, 'other'))
    fresh.queue.trim(100, [])
    t.equal(await fresh.queue.append(aBody()), 101, 'when its file was lost, and the store is ahead')
  })

  t.test(`${name} keeps what dead letters are in, until it is released`, async (t) => {
    const { queue, reader, folder } = opened(t)
    await Promise.all([1, 2, 3, 4].map((n) => queue.append(aBody({ bytes: Buffer.from(`body ${n}`) }))))
    queue.trim(3, [2])
    await until(() => reader.get(1) === undefined && reader.get(3) === undefined)
    t.equal(Buffer.from(reader.get(2)?.bytes ?? []).toString(), 'body 2')
    t.same(positions(reader), [4], 'it is not handed out again')
    t.same(queue.length(), { bodies: 1, events: 1, bytes: 6 }, 'nor does it wait')
    await queue.close()

    const again = opened(t, folder)
    again.queue.trim(3, [2])
    t.ok(reader.get(2), 'it outlives a restart')
    again.queue.release(2)
    await until(() => reader.get(2) === undefined)
    t.ok(reader.get(4))
  })

  t.test(`${name} is full at its limit, and takes more once that is digested`, async (t) => {
    const { queue } = opened(t, t.testdir(), 100)
    const append = () => queue.append(aBody({ bytes: Buffer.alloc(40) }))
    const results = await Promise.allSettled([append(), append(), append()])
    t.same(
      results.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected'],
      'what waits for the disk counts',
    )
    await t.rejects(append(), { name: 'QueueFull', reason: 'limit' })
    t.same(queue.received(), new Map([[1, 2]]))
    queue.trim(1, [])
    t.equal(await append(), 3)
  })

  t.test(`${name} counts into its limit what it keeps, over a restart too`, async (t) => {
    const { queue, reader, folder } = opened(t, t.testdir(), 100)
    const append = (to: Queue) => to.append(aBody({ bytes: Buffer.alloc(40) }))
    await Promise.all([append(queue), append(queue)])
    queue.trim(2, [1])
    await until(() => reader.get(2) === undefined)
    await append(queue)
    await t.rejects(append(queue), { name: 'QueueFull', reason: 'limit' })
    await queue.close()

    const again = opened(t, folder, 100)
    again.queue.trim(3, [1])
    await until(() => again.reader.get(3) === undefined)
    t.equal(await append(again.queue), 4)
    await t.rejects(append(again.queue), { name: 'QueueFull', reason: 'limit' })
    again.queue.release(1)
    await until(() => again.reader.get(1) === undefined)
    t.equal(await append(again.queue), 5)
  })

  t.test(`${name} makes durable what waits when it is closed, and then takes nothing`, async (t) => {
    const { queue, folder } = opened(t)
    const appended = Promise.all(Array.from({ length: 300 }, () => queue.append(aBody())))
    await queue.close()
    t.equal((await appended).at(-1), 300)
    await t.rejects(queue.append(aBody()), QueueFull)
    t.equal(positions(opened(t, folder).reader, 0).length, 300)
  })
}
