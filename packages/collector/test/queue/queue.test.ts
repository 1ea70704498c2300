import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { mock } from 'node:test'
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import t, { type Test } from 'tap'
import type { Encoding } from '../../src/queue/queue.js'
import { openForWriting } from '../../src/queue/sqlite/open-database.js'
import { openQueue, openQueueReader } from '../../src/queue/sqlite/open-queue.js'
import { QueueRows } from '../../src/queue/sqlite/queue-rows.js'
import { SqliteQueue } from '../../src/queue/sqlite/sqlite-queue.js'
import { Trimmer } from '../../src/queue/sqlite/trimmer.js'
import { encodingOf, unpack, unpackStart } from '../../src/queue/unpack.js'
import { aBody, queueContract, until } from './contract.js'

const LIMIT_BYTES = 100_000_000

queueContract(t, 'a queue in SQLite', (folder, limitBytes) => {
  const file = join(folder, 'queue.db')
  const queue = openQueue(file, { limitBytes })
  return { queue, reader: openQueueReader(file) }
})

function opened(t: Test, file = join(t.testdir(), 'queue.db')) {
  const database = openForWriting(file)
  const troubles: unknown[] = []
  const queue = new SqliteQueue(new QueueRows(database), {
    limitBytes: LIMIT_BYTES,
    onUnwritable: (cause) => troubles.push(cause),
  })
  const reader = openQueueReader(file)
  t.teardown(async () => {
    reader.close()
    await queue.close()
  })
  return { database, queue, reader, file, troubles }
}

function sqliteError(errcode: number): Error {
  return Object.assign(new Error('no'), { code: 'ERR_SQLITE_ERROR', errcode })
}

/** The next call of it throws what SQLite would. */
function failOnce(rows: QueueRows, name: 'append' | 'lengthOf', errcode: number): void {
  Object.defineProperty(rows, name, {
    configurable: true,
    value() {
      Reflect.deleteProperty(rows, name) // the method of its class is left
      throw sqliteError(errcode)
    },
  })
}

/** Whether any file of the queue holds these bytes. */
function isOnDisk(folder: string, bytes: Buffer): boolean {
  return readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(bytes))
}

t.test('leaves no byte of a digested body on the disk', async (t) => {
  const { queue, reader, file } = opened(t)
  const folder = join(file, '..')
  const secrets = Array.from({ length: 40 }, () => randomBytes(32))
  const bodyWith = (secret: Buffer, at: number) =>
    aBody({ bytes: Buffer.concat([Buffer.alloc(at * 500), secret]) })
  await Promise.all(secrets.map((secret, at) => queue.append(bodyWith(secret, at))))
  t.ok(isOnDisk(folder, secrets[39] as Buffer))

  // Another thread reads all the time; it must not keep the log from being emptied.
  for (let after = 0; after < 40; after += 10)
    t.equal(reader.take(after, { bodies: 10, bytes: 1e6 }).length, 10)
  queue.trim(40, [7])
  await until(() => statSync(`${file}-wal`).size === 0)
  t.same(
    secrets.flatMap((secret, at) => (isOnDisk(folder, secret) ? [at + 1] : [])),
    [7],
    'but of the one that a dead letter is in',
  )
  queue.release(7)
  await until(() => !isOnDisk(folder, secrets[6] as Buffer))
})

t.test('keeps its file small under steady load, though it never becomes empty', async (t) => {
  const { queue, reader, file } = opened(t)
  let position = 0
  const isTrimmed = () => reader.take(0, { bodies: 1, bytes: 1 })[0]?.position === position - 49
  for (let turn = 0; turn < 60; turn++) {
    const bytes = randomBytes(20_000)
    const appended = await Promise.all(Array.from({ length: 50 }, () => queue.append(aBody({ bytes }))))
    reader.take(position, { bodies: 20, bytes: 1e6 })
    queue.trim(position, [])
    position = appended.at(-1) as number
    if (turn % 10 === 9) await until(isTrimmed) // on a fast machine all turns are over before the first trimming
  }
  const { page_count: pages } = openForWriting(file).prepare('PRAGMA page_count').get() as {
    page_count: number
  }
  t.ok(pages * 4096 < 60_000_000, `${pages} pages of 60 MB that went through`)
  t.ok(statSync(`${file}-wal`).size < 60_000_000)
})

t.test(
  'refuses what the disk has no room for, keeps nothing of it, and goes on when there is room',
  async (t) => {
    const { database, queue, reader, troubles } = opened(t)
    await queue.append(aBody())
    database.exec('PRAGMA max_page_count = 20')
    const large = aBody({ projectId: 9, bytes: Buffer.alloc(200_000) })
    const results = await Promise.allSettled([
      queue.append(aBody()),
      queue.append(large),
      queue.append(aBody()),
    ])
    for (const result of results) {
      t.match(result, { status: 'rejected', reason: { name: 'QueueFull', reason: 'disk' } })
    }
    t.same(queue.length(), { bodies: 1, events: 1, bytes: 6 })
    t.same(queue.received(), new Map([[1, 1]]))
    await t.rejects(queue.append(large))
    t.match(troubles, [{ message: /full/ }], 'it says why, once')
    t.equal(await queue.append(aBody()), 2, 'what fits is taken')

    database.exec('PRAGMA max_page_count = 100000')
    t.equal(await queue.append(large), 3)
    t.equal(reader.take(0, { bodies: 9, bytes: 1e6 }).length, 3)
    t.equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok')
  },
)

t.test('refuses while another process holds the file, and trims later', async (t) => {
  const { queue, reader, file } = opened(t)
  await queue.append(aBody())
  const other = new DatabaseSync(file)
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  await t.rejects(queue.append(aBody()), { name: 'QueueFull', reason: 'disk' })
  queue.trim(1, [])
  other.exec('ROLLBACK')
  await until(() => reader.get(1) === undefined)
  t.equal(await queue.append(aBody()), 2)
})

t.test('does not call a bug of ours a full disk', async (t) => {
  const { database, queue, troubles } = opened(t)
  database.exec("CREATE TRIGGER bug BEFORE INSERT ON bodies BEGIN SELECT raise(ABORT, 'a bug'); END")
  await t.rejects(queue.append(aBody()), { message: 'a bug' })
  t.same(troubles, [])
})

t.test('comes behind what the store has seen, even when nothing can be written at the start', async (t) => {
  const { queue, file } = opened(t)
  const other = new DatabaseSync(file)
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  queue.trim(100, [])
  other.exec('ROLLBACK')
  t.equal(await queue.append(aBody()), 101)
})

t.test('forgets at a start what a crash has kept for no dead letter any more', async (t) => {
  const { queue, reader, file } = opened(t)
  await Promise.all([queue.append(aBody()), queue.append(aBody()), queue.append(aBody())])
  queue.trim(3, [1, 2])
  await until(() => reader.get(3) === undefined)
  await queue.close()

  const again = openQueue(file, { limitBytes: LIMIT_BYTES })
  t.teardown(() => again.close())
  again.trim(3, [2])
  await until(() => reader.get(1) === undefined)
  again.trim(3, [])
  await again.close()
  t.ok(reader.get(2), 'only the first trim names them all')
})

t.test('loses no body of a dead letter when the file cannot be read at the first trim', async (t) => {
  const { queue, reader, file } = opened(t)
  await Promise.all([queue.append(aBody()), queue.append(aBody()), queue.append(aBody())])
  queue.trim(3, [1, 2])
  await until(() => reader.get(3) === undefined)
  await Promise.all([queue.append(aBody()), queue.append(aBody())])
  await queue.close() // before the trim behind the transaction that has made a dead letter of 4

  const rows = new QueueRows(openForWriting(file))
  const again = new SqliteQueue(rows, { limitBytes: LIMIT_BYTES })
  t.teardown(() => again.close())
  failOnce(rows, 'lengthOf', 10)
  t.throws(() => again.trim(4, [2, 4]), { message: 'no' })
  again.trim(5, [])
  t.same(again.length(), { bodies: 0, events: 0, bytes: 0 }, 'what was not counted is counted now')
  await until(() => reader.get(5) === undefined && reader.get(1) === undefined)
  t.ok(reader.get(2), 'one that is kept')
  t.ok(reader.get(4), 'one that was still to be kept')
})

t.test('comes behind what the store has seen, even when the file cannot be read at the start', async (t) => {
  const rows = new QueueRows(openForWriting(join(t.testdir(), 'queue.db')))
  const queue = new SqliteQueue(rows, { limitBytes: LIMIT_BYTES })
  t.teardown(() => queue.close())
  failOnce(rows, 'lengthOf', 10)
  t.throws(() => queue.trim(100, []), { message: 'no' })
  t.equal(await queue.append(aBody()), 101)
})

t.test('a bug in trimming ends nothing: it is told, and tried again', async (t) => {
  const { database, queue, reader, troubles } = opened(t)
  await queue.append(aBody())
  database.exec("CREATE TRIGGER bug BEFORE DELETE ON bodies BEGIN SELECT raise(ABORT, 'a bug'); END")
  queue.trim(1, [])
  await until(() => troubles.length > 0)
  t.match(troubles, [{ message: 'a bug' }])
  t.equal(await queue.append(aBody()), 2)
  database.exec('DROP TRIGGER bug')
  await until(() => reader.get(1) === undefined)
  t.equal(troubles.length, 1, 'once')
})

t.test('tries to trim a damaged file now and then only, and says why once', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  let attempts = 0
  const fail = () => {
    attempts++
    throw sqliteError(11)
  }
  for (const rows of [{ trimSome: fail }, { trimSome: () => 0, checkpoint: fail }]) {
    attempts = 0
    const troubles: unknown[] = []
    const trimmer = new Trimmer(rows as unknown as QueueRows, {
      isQueueEmpty: () => true,
      onUnwritable: (cause) => troubles.push(cause),
    })
    trimmer.trim(1)
    for (let second = 0; second < 600; second++) mock.timers.tick(1000)
    t.ok(attempts > 20 && attempts < 100, `${attempts} times in ten minutes`)
    t.match(troubles, [{ errcode: 11 }])
    trimmer.close()
  }
  t.end()
})

t.test('tells clients to come back, whatever it is that the database lacks', async (t) => {
  for (const errcode of [6, 7, 15, 26, 10 | (3 << 8)]) {
    const rows = new QueueRows(openForWriting(join(t.testdir({ [errcode]: {} }), `${errcode}/queue.db`)))
    const troubles: unknown[] = []
    const queue = new SqliteQueue(rows, {
      limitBytes: LIMIT_BYTES,
      onUnwritable: (cause) => troubles.push(cause),
    })
    failOnce(rows, 'append', errcode)
    await t.rejects(queue.append(aBody()), { name: 'QueueFull', reason: 'disk' })
    t.match(troubles, [{ errcode }])
    t.equal(await queue.append(aBody()), 1)
    await queue.close()
  }
})

t.test('commits all that waits at once', async (t) => {
  const { database, queue } = opened(t)
  await queue.append(aBody())
  const pages = () => database.prepare('PRAGMA wal_checkpoint').get()?.log as number // frames in the log
  const before = pages()
  await Promise.all(Array.from({ length: 200 }, () => queue.append(aBody())))
  t.ok(pages() - before < 40, `${pages() - before} pages for 200 bodies`)
})

t.test('says what is wrong with its file, and what to do', (t) => {
  const folder = t.testdir({
    'damaged.db': 'not a database, and longer than its header would be. '.repeat(99),
  })
  const open = (name: string) => () => openQueue(join(folder, name), { limitBytes: 1 })
  const unusable = (message: RegExp) => ({ name: 'QueueUnusable', message })
  t.throws(open('damaged.db'), unusable(/damaged\.db is damaged: move it away/))
  t.throws(open('none/queue.db'), unusable(/cannot be opened for writing: let this user write/))

  const newer = new DatabaseSync(join(folder, 'newer.db'))
  newer.exec('PRAGMA user_version = 7')
  newer.close()
  t.throws(open('newer.db'), unusable(/of version 7, and this Faultline reads version 1/))
  t.throws(() => openQueueReader(join(folder, 'newer.db')), unusable(/version 7/))
  t.throws(() => openQueueReader(join(folder, 'not yet.db')), unusable(/cannot be opened/))

  mkdirSync(join(folder, 'torn'))
  const torn = join(folder, 'torn/queue.db')
  openForWriting(torn).close()
  writeFileSync(torn, readFileSync(torn).fill(7, 4096))
  t.throws(open('torn/queue.db'), unusable(/damaged/))
  t.end()
})

t.test('unpacks every encoding that clients use', (t) => {
  const json = Buffer.from(JSON.stringify({ text: 'ä'.repeat(5000) }))
  const packed: [string, Encoding, Buffer][] = [
    ['nothing', 'identity', json],
    ['gzip', 'gzip', gzipSync(json)],
    [
      'gzip of several members',
      'gzip',
      Buffer.concat([json.subarray(0, 99), json.subarray(99)].map((part) => gzipSync(part))),
    ],
    ['gzip with zeros behind it', 'gzip', Buffer.concat([gzipSync(json), Buffer.alloc(512)])],
    ['deflate as zlib', 'deflate', deflateSync(json)],
    ['deflate as zlib with a small window', 'deflate', deflateSync(json, { windowBits: 9 })],
    ['deflate, bare', 'deflate', deflateRawSync(json)],
    ['deflate, bare and stored', 'deflate', deflateRawSync(json, { level: 0 })],
    ['brotli', 'br', brotliCompressSync(json)],
    ['zstd', 'zstd', zstdCompressSync(json)],
  ]
  for (const [what, encoding, bytes] of packed) {
    t.ok(unpack(bytes, encoding, json.length).equals(json), what)
    t.throws(
      () => unpack(bytes, encoding, json.length - 1),
      { name: 'UnpackFailed', reason: 'too_large' },
      `${what}, over the limit`,
    )
    if (encoding === 'identity') continue
    t.throws(
      () => unpack(bytes.subarray(0, 12), encoding, 1e6),
      { name: 'UnpackFailed', reason: 'corrupt' },
      `${what}, cut`,
    )
    t.throws(
      () => unpack(Buffer.alloc(0), encoding, 1e6),
      { name: 'UnpackFailed', reason: 'corrupt' },
      `${what}, empty`,
    )
  }
  t.throws(() => unpack(json, 'gzip', 1e6), { name: 'UnpackFailed', reason: 'corrupt' })
  const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 }
  const wide = zstdCompressSync(Buffer.alloc(200_000_000), { params })
  t.throws(() => unpack(wide, 'zstd', 1e6), { name: 'UnpackFailed' }, 'a window of 128 MiB')
  t.end()
})

t.test('unpacks no more of a beginning than that', async (t) => {
  const text = `{"dsn":"x"}\n${'0'.repeat(60_000_000)}`
  const packed: [Encoding, Buffer][] = [
    ['identity', Buffer.from(text)],
    ['gzip', gzipSync(text, { level: 1 })],
    ['deflate', deflateSync(text, { level: 1 })],
    ['deflate', deflateRawSync(text, { level: 1 })],
    ['br', brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ['zstd', zstdCompressSync(text)],
  ]
  const before = process.memoryUsage().arrayBuffers
  for (const [encoding, bytes] of packed) {
    const start = await unpackStart(bytes, encoding, 16_384)
    t.equal(start.toString(), text.slice(0, 16_384), encoding)
    if (encoding === 'identity') continue
    t.equal((await unpackStart(gzipSync('short'), 'gzip', 16_384)).toString(), 'short')
    await t.rejects(
      unpackStart(Buffer.from('nonsense'), encoding, 16_384),
      { name: 'UnpackFailed', reason: 'corrupt' },
      encoding,
    )
    await t.rejects(
      unpackStart(Buffer.alloc(0), encoding, 16_384),
      { name: 'UnpackFailed', reason: 'corrupt' },
      encoding,
    )
  }
  t.ok(process.memoryUsage().arrayBuffers - before < 30_000_000)
})

t.test('a bomb costs no more than the limit', (t) => {
  const zeros = Buffer.alloc(50_000_000)
  const bombs = {
    gzip: gzipSync(zeros),
    zstd: zstdCompressSync(zeros),
    deflate: deflateSync(zeros, { level: 1 }),
  }
  const before = process.memoryUsage().arrayBuffers
  for (const [encoding, bomb] of Object.entries(bombs)) {
    t.throws(
      () => unpack(bomb, encoding as Encoding, 1_000_000),
      { name: 'UnpackFailed', reason: 'too_large' },
      encoding,
    )
  }
  t.ok(process.memoryUsage().arrayBuffers - before < 20_000_000)
  t.end()
})

t.test('knows encodings by their header', (t) => {
  const known: Record<string, Encoding> = {
    '': 'identity',
    ' Identity ': 'identity',
    'UTF-8': 'identity',
    GZIP: 'gzip',
    'x-gzip': 'gzip',
    deflate: 'deflate',
    br: 'br',
    zstd: 'zstd',
  }
  for (const [header, encoding] of Object.entries(known)) t.equal(encodingOf(header), encoding, header)
  t.equal(encodingOf(undefined), 'identity')
  for (const header of ['compress', 'gzip, br', 'constructor', '__proto__'])
    t.equal(encodingOf(header), undefined)
  t.end()
})
