// From the queue to what the store is given: with a store that can be made to fail, and steps that can be made to throw.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ErrorEvent } from '@faultline/protocol'
import t, { type Test } from 'tap'
import { createDigestBody, type DigestTools } from '../../src/digest/digest-body.js'
import { createDigester, type Saved } from '../../src/digest/digester.js'
import { createHangCheck, newNote } from '../../src/digest/last-taken.js'
import { tidyNative } from '../../src/digest/normalise/tidy-native.js'
import type { NewBody, QueuedBody } from '../../src/queue/queue.js'
import { openQueue, openQueueReader } from '../../src/queue/sqlite/open-queue.js'
import type { DeadLetter, DigestedBody, SaveResult } from '../../src/store/store.js'
import { aBody } from '../queue/contract.js'

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const hex = (n: number) => uuid(n).replaceAll('-', '')

const nativeEvent = (n: number, members: object = {}): ErrorEvent => ({
  id: uuid(n),
  occurredAt: '2026-03-01T12:00:00Z',
  level: 'error',
  handled: true,
  mechanism: 'manual',
  platform: 'node',
  service: 'shop',
  environment: 'production',
  message: `message ${n}`,
  exceptions: [],
  sdk: { name: 'a', version: '1' },
  ...members,
})

const sentryish = (payload: unknown, eventId: string | undefined): ErrorEvent => {
  const { message } = payload as { message?: string }
  return nativeEvent(0, { id: eventId ?? uuid(999), ...(message !== undefined && { message }) })
}

/** Steps that do as little as they can; an event whose message names one of them is thrown out there. */
function tools(changes: Partial<DigestTools> = {}): DigestTools {
  const mayThrow = (stage: string, event: ErrorEvent) => {
    if (event.message === `throw in ${stage}`)
      throw new TypeError(`cannot read "hunter2" of password=hunter2`)
    return event
  }
  return {
    normaliseSentry: (payload, { eventId }) => mayThrow('normalise', sentryish(payload, eventId)),
    normaliseSecurityReport: (payload, { eventId }) => sentryish(payload, eventId),
    tidyNative: (event) => mayThrow('normalise', event),
    enrich: (event) => mayThrow('enrich', event),
    scrub: (event) => ({
      event: { ...mayThrow('scrub', event), message: event.message?.replace('hunter2', '[Filtered]') },
      scrubbed: [],
    }),
    scrubText: (text) => text.replace('hunter2', '[Filtered]'),
    fingerprintOf: (event) => {
      mayThrow('fingerprint', event)
      return { version: 1, hash: '0'.repeat(32), values: [] }
    },
    describe: (event) => {
      mayThrow('describe', event)
      return { title: '', type: '', message: '', culprit: '' }
    },
    grade: (event) => {
      mayThrow('grade', event)
      return 'medium'
    },
    limitBytes: 1_000_000,
    ...changes,
  }
}

const batch = (events: unknown[], members: object = {}): NewBody =>
  aBody({
    eventCount: events.length,
    bytes: gzipSync(JSON.stringify({ id: uuid(1_000_000), events, ...members })),
  })

const envelope = (
  header: object,
  items: [header: object, payload: string | object][],
  members = {},
): NewBody => {
  const lines = items.flatMap(([itemHeader, payload]) => [
    JSON.stringify(itemHeader),
    typeof payload === 'string' ? payload : JSON.stringify(payload),
  ])
  const bytes = Buffer.from([JSON.stringify(header), ...lines].join('\n'))
  return aBody({ format: 'envelope', encoding: 'identity', bytes, ...members })
}

const digested = (body: NewBody, only?: number, changes?: Partial<DigestTools>) =>
  createDigestBody(tools(changes))({ ...body, position: 1 }, only)

const messages = ({ events }: Pick<DigestedBody, 'events'>) => events.map(({ event }) => event.message)

t.test(
  'an event that throws is a dead letter with its stage and no data, and its neighbours are not',
  (t) => {
    const stages = ['normalise', 'enrich', 'scrub', 'fingerprint', 'describe', 'grade']
    const events = stages.flatMap((stage, n) => [
      nativeEvent(n),
      nativeEvent(100 + n, { message: `throw in ${stage}` }),
    ])
    const { dead, ...body } = digested(batch(events))
    t.same(messages(body), stages.map((_, n) => `message ${n}`)) // biome-ignore format: one line says it
    t.same(dead.map(({ stage }) => stage), stages) // biome-ignore format: one line says it
    t.same(dead.map(({ index }) => index), [1, 3, 5, 7, 9, 11]) // biome-ignore format: one line says it
    for (const { reason } of dead) {
      t.match(reason, /^TypeError: cannot read "…" of password=\[Filtered\]/)
      t.notMatch(reason, /hunter2/)
    }
    t.end()
  },
)

t.test('a native batch is read as intake has read it', (t) => {
  const repeats = [{ eventId: uuid(1), count: 9, until: '2026-03-01T12:00:00Z' }]
  const dropped = [{ reason: 'queue_full', count: 3 }]
  const events = [{ no: 'event' }, nativeEvent(1), 7, nativeEvent(2, { message: 'throw in scrub' })]
  const body = digested({ ...batch(events, { repeats, dropped }), projectId: 4 })
  t.match(body, { projectId: 4, protocol: 'faultline', batchId: uuid(1_000_000), repeats, dropped })
  t.same(body.indexes, [1])
  t.equal(body.dead[0]?.index, 3)
  t.same(body.outcomes, [
    { projectId: 4, outcome: 'invalid', reason: 'mistaken', protocol: 'faultline', count: 2 },
  ])
  t.equal(digested({ ...batch(events), projectId: 0 }).protocol, 'internal')
  t.end()
})

t.test('of an envelope, each item becomes what it is', (t) => {
  const body = digested(
    envelope({ event_id: hex(5) }, [
      [{ type: 'event' }, { message: 'boom', event_id: hex(6) }],
      [{ type: 'attachment', filename: 'a.log', length: 16 }, 'password hunter2'],
      [{ type: 'attachment', length: 2 }, '\0b'],
      [{ type: 'attachment', length: 1_048_576 }, 'x'.repeat(1_048_576)],
      [{ type: 'session' }, {}],
      [{ type: 'session' }, {}],
      [{ type: 'no word!' }, {}],
      [
        { type: 'user_report' },
        { event_id: hex(7), name: 'Ann', email: 'ann@shop.example', comments: 'my hunter2' },
      ],
      [{ type: 'feedback' }, { contexts: { feedback: { message: 'hi', associated_event_id: hex(8) } } }],
      [{ type: 'feedback' }, { contexts: null }],
      [
        { type: 'client_report' },
        {
          discarded_events: [
            { reason: 'network_error', category: 'error', quantity: 2 },
            { reason: 'network_error', category: 'default', quantity: 1 },
            { reason: 'sample_rate', category: 'transaction', quantity: 50 },
            { reason: 'bad', quantity: -1 },
            null,
          ],
        },
      ],
    ]),
    undefined,
    { limitBytes: 2_000_000 },
  )
  t.equal(body.events[0]?.event.id, hex(5), 'the id of the envelope wins')
  t.same(
    body.attachments.map(({ eventId, name, bytes }) => [eventId, name, Buffer.from(bytes).toString()]),
    [
      [hex(5), 'a.log', 'password [Filtered]'],
      [hex(5), '', '\0b'],
    ],
    'one mebibyte in all',
  )
  t.same(
    body.outcomes.map(({ outcome, reason, count }) => [outcome, reason, count]),
    [
      ['filtered', 'session', 2],
      ['filtered', 'unknown', 1],
    ],
  )
  const at = '2026-03-01T00:00:00.000Z'
  t.same(body.feedback, [
    { eventId: hex(7), name: 'Ann', email: 'ann@shop.example', comments: 'my [Filtered]', at },
    { eventId: hex(8), name: '', email: '', comments: 'hi', at },
  ])
  t.same(body.dropped, [
    { reason: 'network_error', count: 3 },
    { reason: 'transaction:sample_rate', count: 50 },
  ])
  t.end()
})

t.test(
  'the id that intake answers is of the first event that can be read, and no other event takes it',
  (t) => {
    const ids = (body: NewBody) => digested(body).events.map(({ event }) => event.id.replaceAll('-', ''))
    const file = [{ type: 'attachment', length: 1 }, 'x'] as [object, string]
    const broken = [{ type: 'event' }, 'no JSON'] as [object, string]
    const event = (members: object) => [{ type: 'event' }, members] as [object, object]

    const answered = { meta: { eventId: hex(3) } }
    t.same(ids(envelope({}, [broken, event({}), event({})], answered)), [hex(3), hex(999)])
    const two = envelope({ event_id: hex(5) }, [
      event({ event_id: hex(6) }),
      event({ event_id: hex(7) }),
      file,
    ])
    t.same(ids(two), [hex(5), hex(7)])
    t.match(digested(two).attachments, [{ eventId: hex(5) }], 'attachments are of the first')
    t.equal(digested(two).attachments.length, 1)
    t.same(ids(envelope({ event_id: hex(5) }, [event({}), event({})])), [hex(5), hex(999)])
    const mended = envelope({ event_id: hex(5) }, [broken, event({}), file])
    t.same(ids(mended), [hex(5)])
    t.match(digested(mended).attachments, [{ eventId: hex(5) }])
    t.end()
  },
)

t.test(
  'NUL characters and lone surrogates in a batch are mended, and a batch without any is not walked',
  (t) => {
    const isFitOf = (message: string) => {
      const json = JSON.stringify({ id: uuid(1_000_000), events: [nativeEvent(1, { message: '*' })] })
      const bytes = Buffer.from(json.replace('*', message))
      let isFit: boolean | undefined
      const { events } = digested(aBody({ encoding: 'identity', bytes }), undefined, {
        tidyNative(event, context) {
          isFit = context.isFit
          return tidyNative(event, context)
        },
      })
      return [isFit, events[0]?.event.message]
    }
    t.same(isFitOf('a\\u0000b'), [false, 'a\uFFFDb'])
    t.same(isFitOf('a\\ud83db'), [false, 'a\uFFFDb'])
    t.same(isFitOf('a\\u00e9 \u{1F600}'), [true, 'aé \u{1F600}'])
    t.end()
  },
)

t.test('of a batch that intake has looked at, only what it has told to be wrong is left out', (t) => {
  const { bytes, ...rest } = batch([nativeEvent(1), nativeEvent(9), nativeEvent(2)])
  const body = digested({ ...rest, bytes, meta: { rejected: [1] } })
  t.same(messages(body), ['message 1', 'message 2'])
  t.same(body.indexes, [0, 2])
  t.match(body.outcomes, [{ outcome: 'invalid', reason: 'mistaken', count: 1 }])
  t.end()
})

t.test('attachments wait with the event that became a dead letter', (t) => {
  const body = envelope({ event_id: hex(5) }, [
    [{ type: 'event' }, { message: 'throw in normalise' }],
    [{ type: 'attachment', length: 1 }, 'x'],
    [{ type: 'session' }, {}],
  ])
  t.match(digested(body), { events: [], attachments: [], outcomes: [{ count: 1 }], dead: [{ index: 0 }] })
  const mended = digested(body, 0, { normaliseSentry: (payload, { eventId }) => sentryish(payload, eventId) })
  t.match(mended, { events: [{}], attachments: [{ eventId: hex(5) }], dead: [] })
  t.same(mended.outcomes, [], 'what was counted is not counted again')
  t.end()
})

t.test('an attachment of text is scrubbed although it has a NUL or a cut character', (t) => {
  const attached = (bytes: Buffer) => {
    const whole = Buffer.concat([
      Buffer.from(`{"event_id":"${hex(5)}"}\n{"type":"attachment","length":${bytes.length}}\n`),
      bytes,
    ])
    const body = aBody({ format: 'envelope', encoding: 'identity', bytes: whole })
    return Buffer.from(digested(body).attachments[0]?.bytes ?? []).toString('latin1')
  }
  t.notMatch(attached(Buffer.from('a log of a\0 service: hunter2')), /hunter2/)
  t.notMatch(attached(Buffer.from('a log: hunter2, and Ã').subarray(0, -1)), /hunter2/)
  t.notMatch(attached(Buffer.from('a log: hunter2', 'utf16le')), /h\0?u\0?n\0?t\0?e\0?r\0?2/)
  t.notMatch(attached(Buffer.from([0xe9, ...Buffer.from(' hunter2')])), /hunter2/, 'Latin-1')
  const big = Buffer.from('\ufeffa log: hunter2', 'utf16le').swap16()
  for (const bytes of [big, big.subarray(2), Buffer.concat([big, Buffer.of(0)])])
    t.notMatch(attached(bytes), /h\0?u\0?n\0?t\0?e\0?r\0?2/, 'UTF-16, the high byte first')
  for (const start of [
    '\0',
    '\0'.repeat(7),
    '\0'.repeat(5000),
    'RIFF ',
    'GIF8',
    'MDMP: ',
    '%PDF is no name: ',
  ])
    t.equal(attached(Buffer.from(`${start}a log: hunter2`)), `${start}a log: [Filtered]`)
  const documents = [
    '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n',
    'RIFF\x24\x10\0\0WEBPVP8 ',
    'MDMP\x93\xa7\0\0',
    'GIF89a\x40\x01',
  ]
  for (const head of documents)
    t.equal(attached(Buffer.from(`${head} hunter2`, 'latin1')), `${head} hunter2`, 'a binary stays as it is')
  const binaries = ['89504e470d0a1a0a', '1f8b08', '504b0304'].map((magic) =>
    Buffer.concat([Buffer.from(magic, 'hex'), Buffer.from('text in a picture: hunter2 and more of it')]),
  )
  for (const binary of [...binaries, Buffer.from([1, 2, 3, 0xff, 0xfe, 0, 0, 0x41])])
    t.equal(attached(binary), binary.toString('latin1'), 'a binary stays as it is')
  t.end()
})

t.test('other bodies, and what cannot be read at all', (t) => {
  const meta = { eventId: hex(3) }
  const plain = (format: NewBody['format'], value: unknown, eventCount = 1) =>
    aBody({ format, encoding: 'identity', eventCount, meta, bytes: Buffer.from(JSON.stringify(value)) })
  t.equal(digested(plain('store', { message: 'a' })).events[0]?.event.id, hex(3))
  t.equal(digested(plain('store', { event_id: hex(4) })).events[0]?.event.id, hex(4))
  t.same(
    digested(plain('security', [{ type: 'a' }, { type: 'b' }])).events.map(({ event }) => event.id),
    [hex(3), uuid(999)],
  )
  const outcomes = [{ projectId: 1, outcome: 'rate_limited', reason: '', protocol: 'sentry', count: 5 }]
  t.same(digested(plain('tally', outcomes, 5)).outcomes, outcomes)

  const unreadable = {
    'a tally that does not add up': plain('tally', outcomes, 4),
    'no batch': plain('batch', { password: 'hunter2' }, 4),
    'no JSON': aBody({ encoding: 'identity', eventCount: 4, bytes: Buffer.from('{"password": hunter2') }),
    'no gzip': aBody({ eventCount: 4 }),
    'a bomb': aBody({ eventCount: 4, bytes: gzipSync(Buffer.alloc(2_000_000)) }),
  }
  for (const [what, body] of Object.entries(unreadable)) {
    const { dead, events, outcomes } = digested(body)
    t.match(
      { dead, events, outcomes },
      { dead: [{ index: -1, stage: 'read', count: 4 }], events: [], outcomes: [] },
      what,
    )
    t.notMatch(dead[0]?.reason, /hunter2/)
  }
  t.end()
})

/** Everything or nothing, like the real one. */
class FakeStore {
  saved: DigestedBody[] = []
  letters = new Map<number, DeadLetter>()
  transactions: number[] = []
  /** Thrown by the next transactions, one each. */
  outages: Error[] = []
  isSpoiled = (_body: DigestedBody) => false

  rehearse(body: DigestedBody): void {
    if (this.isSpoiled(body)) throw new TypeError('the store has a bug')
  }
  save(given: Iterable<DigestedBody>): SaveResult {
    const outage = this.outages.shift()
    if (outage) throw outage
    const bodies = Array.from(given)
    for (const body of bodies) this.rehearse(body)
    this.saved.push(...bodies)
    this.transactions.push(bodies.length)
    for (const { dead, position, projectId, protocol, receivedAt } of bodies)
      for (const one of dead) {
        const id = this.letters.size + 1
        this.letters.set(id, { ...one, id, position, projectId, protocol, receivedAt })
      }
    return { changes: [], outcomes: [], keep: this.keptPositions() }
  }
  position = () => this.saved.at(-1)?.position ?? 0
  keptPositions = () => [...new Set([...this.letters.values()].map(({ position }) => position))]
  deadLetter = (id: number) => this.letters.get(id)
  replayed(id: number, body: DigestedBody): SaveResult {
    this.rehearse(body)
    this.letters.delete(id)
    this.saved.push(body)
    return { changes: [], outcomes: [], keep: this.keptPositions() }
  }
  ids = () => this.saved.flatMap(({ events }) => events.map(({ event }) => event.id))
}

/** As many bodies, of one event each. */
class FakeReader {
  readonly #bodies: QueuedBody[]
  constructor(count: number) {
    this.#bodies = Array.from({ length: count }, (_, n) => ({
      ...batch([nativeEvent(n + 1)]),
      position: n + 1,
    }))
  }
  take = (after: number) => this.#bodies.filter(({ position }) => position > after)
  get = (position: number) => this.#bodies[position - 1]
  close = () => undefined
}

const outage = (errcode: number) => Object.assign(new Error('no'), { code: 'ERR_SQLITE_ERROR', errcode })

function pipeline(t: Test, steps: Partial<DigestTools> = {}) {
  const file = join(t.testdir(), 'queue.db')
  const queue = openQueue(file, { limitBytes: 1e8 })
  const reader = openQueueReader(file)
  const store = new FakeStore()
  const told: Saved[] = []
  const logged: string[] = []
  const slept: number[] = []
  const waiting: boolean[] = []
  const log = (_: object, message: string) => logged.push(message)
  const changing = tools(steps)
  const digester = createDigester({
    queue: reader,
    store,
    digestBody: createDigestBody(changing),
    onSaved: (saved) => {
      told.push(saved)
      queue.trim(saved.position, saved.keep)
      if (saved.release !== undefined) queue.release(saved.release)
    },
    log: { info: log, warn: log, error: log },
    sleep: async (ms) => void slept.push(ms),
    onWaiting: (isWaiting) => void waiting.push(isWaiting),
  })
  t.teardown(async () => {
    await digester.close()
    reader.close()
    await queue.close()
  })
  const append = (...bodies: NewBody[]) => Promise.all(bodies.map((body) => queue.append(body)))
  return { queue, reader, store, told, logged, slept, waiting, digester, append, steps: changing }
}

t.test('digests all that is in the queue, about 2 000 events a transaction, each once', async (t) => {
  const { append, digester, store, told, queue } = pipeline(t)
  const bodies = Array.from({ length: 60 }, (_, b) =>
    batch(Array.from({ length: 50 }, (_, n) => nativeEvent(b * 50 + n))),
  )
  await append(...bodies)
  digester.poke()
  digester.poke()
  await digester.drain()
  t.same(store.ids(), Array.from({ length: 3000 }, (_, n) => uuid(n))) // biome-ignore format: one line says it
  t.same(store.transactions, [40, 20])
  t.same(told.map(({ position }) => position), [40, 60]) // biome-ignore format: one line says it
  t.equal(queue.length().bodies, 0)
  await append(batch([nativeEvent(9000)]))
  await digester.drain()
  t.equal(store.ids().length, 3001)
})

t.test('a transaction is bounded by what its bodies are unpacked', async (t) => {
  const { append, digester, store } = pipeline(t, { limitBytes: 1e7 })
  const large = batch([nativeEvent(1, { message: 'x'.repeat(5_000_000) })])
  await append(large, large, large)
  await digester.drain()
  t.same(store.transactions, [2, 1])
})

t.test('leaves room for messages between two transactions, and ends after the one under way', async (t) => {
  const { append, digester, store } = pipeline(t)
  await append(...Array.from({ length: 4500 }, (_, n) => batch([nativeEvent(n)])))
  const drained = digester.drain()
  while (store.transactions.length === 0) await new Promise(setImmediate)
  await digester.close()
  await drained
  t.ok(store.ids().length < 4500, `${store.ids().length} of 4500`)
  digester.poke()
  t.equal(store.ids().length % 2000, 0)
})

t.test('waits while the disk is full or the store is locked, loses nothing, and says it once', async (t) => {
  const { append, digester, store, slept, logged, waiting } = pipeline(t)
  const [busy, ioError, full] = [5, 10 | (3 << 8), 13]
  store.outages = [full, ioError, busy, full].map(outage)
  await append(batch([nativeEvent(1)]), batch([nativeEvent(2)]))
  await digester.drain()
  t.same(store.ids(), [uuid(1), uuid(2)])
  t.same(slept, [100, 200, 400, 800])
  t.equal(logged.length, 2, logged.join('; '))
  t.same(waiting, [true, false])
  t.equal(store.letters.size, 0)
})

t.test('a body that ends the worker each time is a dead letter, and blocks nothing', async (t) => {
  for (const deadlyIn of ['digest', 'save']) {
    const note = newNote()
    const noted = new Float64Array(note)
    let atDeath = noted.slice()
    const die = () => {
      atDeath = noted.slice()
      throw outage(99)
    }
    const store = new FakeStore()
    const save = store.save.bind(store)
    const isDeadly = ({ position, dead }: DigestedBody) => position === 5 && dead.length === 0
    store.save = (given) => {
      const bodies = Array.from(given)
      return deadlyIn === 'save' && bodies.some(isDeadly) ? die() : save(bodies)
    }
    const read = createDigestBody(tools())
    const live = () =>
      new Promise<void>((ended) => {
        const digester = createDigester({
          queue: new FakeReader(9),
          store,
          note,
          digestBody: (body) => (deadlyIn === 'digest' && body.position === 5 ? die() : read(body)),
          onSaved: () => undefined,
          log: { info: () => undefined, warn: () => undefined, error: () => undefined },
          sleep() {
            noted.set(atDeath) // a thread that is dead notes nothing more
            ended()
            return new Promise(() => undefined)
          },
        })
        digester.drain().then(ended)
      })
    for (let life = 0; life < 4; life++) await live()
    t.match([...store.letters.values()], [{ position: 5, index: -1, stage: 'worker' }], deadlyIn)
    t.equal(store.letters.size, 1)
    t.equal(store.ids().length, 8, 'all the others are stored')
  }
})

t.test('a thread that is at one body for a minute hangs', async (t) => {
  const note = newNote()
  let digestedTo = 0
  const isHanging = createHangCheck(note, () => digestedTo)
  const taken = new Float64Array(note)
  t.equal(isHanging(1e6), false, 'it has nothing to do')
  t.equal(isHanging(2e6), false)
  taken[0] = 7
  t.equal(isHanging(2e6), false)
  t.equal(isHanging(2e6 + 59_999), false)
  t.equal(isHanging(2e6 + 60_000), true)
  t.equal(isHanging(2e6 + 65_000), false, 'the thread that follows has a minute too')
  t.equal(isHanging(2e6 + 120_000), true)
  digestedTo = 7
  t.equal(isHanging(3e6), false)
})

t.test(
  'a replay that is at its event for a minute hangs, and what waits is not to blame for it',
  async (t) => {
    const note = newNote()
    const noted = new Float64Array(note)
    let atDeath = noted.slice()
    let nowMs = 1e6
    const isHanging = createHangCheck(note, () => 3)
    const asked: boolean[] = []
    const ask = (afterMs: number) => {
      nowMs += afterMs
      asked.push(isHanging(nowMs))
    }
    const store = new FakeStore()
    const read = createDigestBody(tools())
    const digesterWithNote = () =>
      createDigester({
        queue: new FakeReader(3),
        store,
        note,
        digestBody(body, only) {
          if (only === undefined) return read(body)
          atDeath = noted.slice()
          for (const afterMs of [0, 59_999, 1]) ask(afterMs)
          return read(body, only)
        },
        onSaved: () => undefined,
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
        sleep: () => Promise.reject(new Error('no database fails')),
      })
    const digester = digesterWithNote()
    await digester.drain()
    store.letters.set(1, { id: 1, position: 2, index: 0 } as DeadLetter)
    await digester.replay(1)
    t.same(asked.splice(0), [false, false, true], 'although its body has long been digested')
    for (const afterMs of [0, 60_000]) ask(afterMs)
    t.same(asked.splice(0), [false, false], 'it is at an end')

    noted.set(atDeath) // the thread has ended at the replay
    await digesterWithNote().drain()
    for (const afterMs of [0, 60_000]) ask(afterMs)
    t.same(asked, [false, false], 'the next one has nothing to do')
    t.equal(store.letters.size, 0)
  },
)

t.test('a replay does not make the worker forget which body it has died at', async (t) => {
  const note = newNote()
  const noted = new Float64Array(note)
  noted.set([2, 1])
  const digester = createDigester({
    queue: new FakeReader(3),
    store: new FakeStore(),
    note,
    digestBody: createDigestBody(tools()),
    onSaved: () => undefined,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    sleep: () => Promise.reject(new Error('no database fails')),
  })
  t.same(await digester.replay(7), { kind: 'not_found' })
  t.same([...noted], [2, 2])
})

t.test('an event that the store cannot take is a dead letter, and blocks nothing', async (t) => {
  const { append, digester, store, queue, reader, logged } = pipeline(t)
  store.isSpoiled = ({ events }) => events.some(({ event }) => event.message === 'spoils')
  await append(
    batch([nativeEvent(1)]),
    batch([nativeEvent(2), { no: 'event' }, nativeEvent(3, { message: 'spoils' }), nativeEvent(4)]),
    batch([nativeEvent(5)]),
  )
  await digester.drain()
  t.same(store.ids(), [uuid(1), uuid(2), uuid(4), uuid(5)])
  t.match([...store.letters.values()], [{ position: 2, index: 2, stage: 'store', count: 1 }])
  t.equal(logged.length, 1)
  t.equal(queue.length().bodies, 0)
  t.ok(reader.get(2), 'its body is kept')

  store.isSpoiled = ({ repeats }) => repeats.length > 0
  const repeats = [{ eventId: uuid(1), count: 9, until: '2026-03-01T12:00:00Z' }]
  await append({ ...batch([nativeEvent(6)], { repeats }), eventCount: 10 }, batch([nativeEvent(7)]))
  await digester.drain()
  t.match(store.letters.get(2), { position: 4, index: -1, stage: 'store', count: 10 }, 'a whole body')
  t.equal(store.ids().at(-1), uuid(7))
})

t.test('replays a dead letter after a fix, and nothing else of its body', async (t) => {
  const { append, digester, store, reader, steps, told } = pipeline(t)
  const events = [
    nativeEvent(1),
    nativeEvent(2, { message: 'throw in enrich' }),
    nativeEvent(3, { message: 'throw in grade' }),
  ]
  await append(batch(events, { requests: [] }))
  await digester.drain()
  t.match(await digester.replay(1), { kind: 'failed', reason: /^TypeError/ })
  t.equal(store.letters.size, 2, 'it stays as it was')

  steps.enrich = (event) => event
  t.match(await digester.replay(1), { kind: 'replayed' })
  t.same(store.ids(), [uuid(1), uuid(2)])
  t.equal(told.at(-1)?.release, undefined, 'another dead letter is in that body')
  t.same(await digester.replay(1), { kind: 'not_found' })

  steps.grade = () => 'low'
  store.isSpoiled = () => true
  t.match(await digester.replay(2), { kind: 'failed', reason: 'TypeError: the store has a bug' })
  store.isSpoiled = () => false
  await digester.replay(2)
  t.same(store.ids(), [uuid(1), uuid(2), uuid(3)])
  t.equal(told.at(-1)?.release, 1)
  while (reader.get(1)) await new Promise(setImmediate)

  store.letters.set(9, { id: 9, position: 1, index: 0 } as DeadLetter)
  t.same(await digester.replay(9), { kind: 'gone' })
})
